import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PublicError } from "../../../platform/graphql/errors.ts";
import { Refused } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import { acceptForms, answerPage, formOf, pageLanguageOf, queryText } from "../html-page.ts";
import type { AccountService } from "./account.service.ts";
import { askPage, donePage, refusedPage } from "./verification.pages.ts";

const PATH = "/verify-email";

/**
 * The page behind the link of a verification mail. Opening it changes nothing, because mail scanners open links;
 * the button on it does.
 */
export function registerAccountRoutes(app: FastifyInstance, accounts: AccountService): void {
  void app.register((routes, _options, done) => {
    acceptForms(routes);
    routes.get(PATH, (request, reply) =>
      answerPage(reply, 200, askPage(pageLanguageOf(request), PATH, queryText(request, "token"))),
    );
    routes.post(PATH, (request, reply) => confirm(accounts, request, reply));
    done();
  });
}

async function confirm(
  accounts: AccountService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const language = pageLanguageOf(request);
  const token = formOf(request).get("token") ?? "";
  const userAgent = request.headers["user-agent"] ?? null;
  try {
    await accounts.confirmEmail(token, callerOf({ ip: request.ip, userAgent }));
    return answerPage(reply, 200, donePage(language));
  } catch (error) {
    if (error instanceof Refused) {
      return answerPage(reply, 410, refusedPage(language, error.problem.code));
    }
    if (error instanceof PublicError) return answerPage(reply, 429, refusedPage(language, "LATER"));
    throw error;
  }
}
