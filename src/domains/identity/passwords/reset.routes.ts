import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PublicError } from "../../../platform/graphql/errors.ts";
import { Refused } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import { acceptForms, answerPage, formOf, pageLanguageOf, queryText } from "../html-page.ts";
import type { PasswordService } from "./password.service.ts";
import { resetAskPage, resetDonePage, resetRefusedPage } from "./reset.pages.ts";

const PATH = "/reset-password";
const CORRECTABLE = new Set(["PASSWORD_TOO_SHORT", "PASSWORD_TOO_LONG", "PASSWORD_TOO_COMMON"]);

/** The page behind the link of a reset mail: a form for the new password. */
export function registerResetRoutes(app: FastifyInstance, passwords: PasswordService): void {
  void app.register((routes, _options, done) => {
    acceptForms(routes);
    routes.get(PATH, (request, reply) => {
      const token = queryText(request, "token");
      return answerPage(reply, 200, resetAskPage(pageLanguageOf(request), PATH, token));
    });
    routes.post(PATH, (request, reply) => reset(passwords, request, reply));
    done();
  });
}

async function reset(
  passwords: PasswordService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const language = pageLanguageOf(request);
  const form = formOf(request);
  const token = form.get("token") ?? "";
  const userAgent = request.headers["user-agent"] ?? null;
  const caller = callerOf({ ip: request.ip, userAgent });
  try {
    await passwords.resetPassword({ token }, form.get("password") ?? "", caller);
    return answerPage(reply, 200, resetDonePage(language));
  } catch (error) {
    if (error instanceof PublicError) {
      return answerPage(reply, 429, resetRefusedPage(language, "LATER"));
    }
    if (!(error instanceof Refused)) throw error;
    const { code } = error.problem;
    return CORRECTABLE.has(code)
      ? answerPage(reply, 422, resetAskPage(language, PATH, token, code))
      : answerPage(reply, 410, resetRefusedPage(language, code));
  }
}
