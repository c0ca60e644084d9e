import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const MAX_FORM_BYTES = 4_096;
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as it may stand between tags and in attributes. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

/**
 * Sends a page that loads nothing, runs nothing and is kept nowhere.
 * @param formTargets other places that the answer to a form of the page may lead to
 */
export const answerPage = (
  reply: FastifyReply,
  status: number,
  html: string,
  formTargets: readonly URL[] = [],
): FastifyReply =>
  reply
    .code(status)
    .type("text/html; charset=utf-8")
    .header("content-security-policy", policyWith(formTargets))
    .header("referrer-policy", "no-referrer")
    .header("x-content-type-options", "nosniff")
    .header("cache-control", "no-store")
    .send(html);

/** Browsers apply `form-action` to where a form is led on to as well. */
function policyWith(formTargets: readonly URL[]): string {
  const sources = formTargets.map(({ origin, protocol }) =>
    origin === "null" ? protocol : origin,
  );
  return `${POLICY}; form-action ${["'self'", ...sources].join(" ")}`;
}

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
