import type { FastifyRequest } from "fastify";
import type { Language } from "../../platform/graphql/context.ts";

export {
  acceptForms,
  answerPage,
  escaped,
  formOf,
  queryText,
} from "../../platform/http/html-page.ts";

const STYLE =
  "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:15vh auto;padding:0 1.5rem;text-align:center}" +
  "input{font:inherit;padding:.6em;width:100%;box-sizing:border-box;margin:0 0 1em;border:1px solid #adb5bd;border-radius:.6em}" +
  "button{font:inherit;padding:.7em 1.6em;border:0;border-radius:.6em;background:#3b5bdb;color:#fff;cursor:pointer}";
/** A whole page. @param body Markup; what comes from outside has to be escaped. */
export const htmlPage = (language: Language, title: string, body: string): string =>
  `<!doctype html><html lang="${language === "KH" ? "km" : "en"}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>${body}</body></html>`;

/** Khmer when the browser prefers it, else English. */
export const pageLanguageOf = (request: FastifyRequest): Language =>
  /^\s*km\b/i.test(request.headers["accept-language"] ?? "") ? "KH" : "EN";
