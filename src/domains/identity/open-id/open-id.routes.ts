import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { callerOf } from "../caller.ts";
import { answerPage, pageLanguageOf, queryText } from "../html-page.ts";
import { openIdPage } from "./open-id.pages.ts";
import { ATTEMPT_SECONDS, OPEN_ID_PATHS, type OpenIdService } from "./open-id.service.ts";

const COOKIE = "facet_sign_in";

/** The way of a browser through the provider and back. */
export function registerOpenIdRoutes(
  app: FastifyInstance,
  openId: OpenIdService,
  publicUrl: string,
): void {
  const secure = publicUrl.startsWith("https:") ? "; Secure" : "";
  const attributes = `Path=${OPEN_ID_PATHS.start}; HttpOnly; SameSite=Lax${secure}`;
  app.get(OPEN_ID_PATHS.start, async (request, reply) => {
    const started = await openId.start(queryText(request, "attempt"));
    if (!started) return answerPage(reply, 410, openIdPage(pageLanguageOf(request), "over"));
    const cookie = `${COOKIE}=${started.browser}; Max-Age=${ATTEMPT_SECONDS}; ${attributes}`;
    return onward(reply.header("set-cookie", cookie), started.location);
  });
  app.get(OPEN_ID_PATHS.callback, async (request, reply) => {
    const userAgent = request.headers["user-agent"] ?? null;
    const language = pageLanguageOf(request);
    const answer = {
      state: queryText(request, "state"),
      code: queryText(request, "code"),
      browser: cookieOf(request),
      language,
    };
    const location = await openId.back(answer, callerOf({ ip: request.ip, userAgent }));
    if (location === null) return answerPage(reply, 410, openIdPage(language, "over"));
    return onward(reply.header("set-cookie", `${COOKIE}=; Max-Age=0; ${attributes}`), location);
  });
  app.get(OPEN_ID_PATHS.done, (request, reply) =>
    answerPage(reply, 200, openIdPage(pageLanguageOf(request), "done")),
  );
}

const onward = (reply: FastifyReply, location: string): FastifyReply =>
  reply
    .header("cache-control", "no-store")
    .header("referrer-policy", "no-referrer")
    .redirect(location, 303);

const cookieOf = (request: FastifyRequest): string =>
  new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? "")?.[1] ?? "";
