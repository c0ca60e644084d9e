import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PublicError } from "../../../platform/graphql/errors.ts";
import { Refused } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { AccountService } from "./account.service.ts";
import { askPage, donePage, refusedPage, type PageLanguage } from "./verification.pages.ts";

const PATH = "/verify-email";
const MAX_FORM_BYTES = 1_024;
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/**
 * The page behind the link of a verification mail. Opening it changes nothing, because mail scanners open links;
 * the button on it does.
 */
export function registerAccountRoutes(app: FastifyInstance, accounts: AccountService): void {
  void app.register((routes, _options, done) => {
    routes.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: MAX_FORM_BYTES },
      (_request, body, parsed) => parsed(null, new URLSearchParams(String(body))),
    );
    routes.get(PATH, (request, reply) => {
      const { token } = request.query as { token?: unknown };
      const text = typeof token === "string" ? token : "";
      return answer(reply, 200, askPage(languageOf(request), PATH, text));
    });
    routes.post(PATH, (request, reply) => confirm(accounts, request, reply));
    done();
  });
}

async function confirm(
  accounts: AccountService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const language = languageOf(request);
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const userAgent = request.headers["user-agent"] ?? null;
  try {
    await accounts.confirmEmail(form.get("token") ?? "", callerOf({ ip: request.ip, userAgent }));
    return answer(reply, 200, donePage(language));
  } catch (error) {
    if (error instanceof Refused) {
      return answer(reply, 410, refusedPage(language, error.problem.code));
    }
    if (error instanceof PublicError) return answer(reply, 429, refusedPage(language, "LATER"));
    throw error;
  }
}

const answer = (reply: FastifyReply, status: number, html: string): FastifyReply =>
  reply
    .code(status)
    .type("text/html; charset=utf-8")
    .header("content-security-policy", POLICY)
    .header("referrer-policy", "no-referrer")
    .header("x-content-type-options", "nosniff")
    .header("cache-control", "no-store")
    .send(html);

const languageOf = (request: FastifyRequest): PageLanguage =>
  /^\s*km\b/i.test(request.headers["accept-language"] ?? "") ? "KH" : "EN";
