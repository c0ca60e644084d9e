import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Language } from "../../platform/graphql/context.ts";

const MAX_FORM_BYTES = 4_096;
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const STYLE =
  "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:15vh auto;padding:0 1.5rem;text-align:center}" +
  "input{font:inherit;padding:.6em;width:100%;box-sizing:border-box;margin:0 0 1em;border:1px solid #adb5bd;border-radius:.6em}" +
  "button{font:inherit;padding:.7em 1.6em;border:0;border-radius:.6em;background:#3b5bdb;color:#fff;cursor:pointer}";
const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A whole page. @param body Markup; what comes from outside has to be escaped. */
export const htmlPage = (language: Language, title: string, body: string): string =>
  `<!doctype html><html lang="${language === "KH" ? "km" : "en"}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>${body}</body></html>`;

/** A text as it may stand between tags and in attributes. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

/** Sends a page that loads nothing, runs nothing and is kept nowhere. */
export const answerPage = (reply: FastifyReply, status: number, html: string): FastifyReply =>
  reply
    .code(status)
    .type("text/html; charset=utf-8")
    .header("content-security-policy", POLICY)
    .header("referrer-policy", "no-referrer")
    .header("x-content-type-options", "nosniff")
    .header("cache-control", "no-store")
    .send(html);

/** Khmer when the browser prefers it, else English. */
export const pageLanguageOf = (request: FastifyRequest): Language =>
  /^\s*km\b/i.test(request.headers["accept-language"] ?? "") ? "KH" : "EN";

/** Lets the routes of an encapsulated instance read posted forms of up to 4 kB. */
export function acceptForms(routes: FastifyInstance): void {
  routes.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: MAX_FORM_BYTES },
    (_request, body, parsed) => parsed(null, new URLSearchParams(String(body))),
  );
}

/** The fields of a posted form; none when the body is something else. */
export const formOf = (request: FastifyRequest): URLSearchParams =>
  request.body instanceof URLSearchParams ? request.body : new URLSearchParams();

/** A parameter of the address, empty when it is missing or given twice. */
export function queryText(request: FastifyRequest, name: string): string {
  const value = (request.query as Record<string, unknown>)[name];
  return typeof value === "string" ? value : "";
}
