import type { Authenticator, SessionEndings, SignedIn } from "../../../platform/graphql/context.ts";
import type { UnauthenticatedReason } from "../../../platform/graphql/errors.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { DenyList } from "./deny-list.ts";
import type { SessionRepository } from "./session.repository.ts";

/** The topic that is nudged when a session ends. */
export const sessionTopic = (sessionId: string): string => `session:${sessionId}`;

/** Accepts an access token whose signature is right and whose session has not ended. */
export class SessionAuthenticator implements Authenticator {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly denyList: DenyList,
    private readonly sessions: SessionRepository,
  ) {}

  async authenticate(accessToken: string): Promise<SignedIn | UnauthenticatedReason> {
    const user = await this.tokens.read(accessToken);
    if (typeof user === "string") return user;
    const ended =
      (await this.denyList.has(user.sessionId)) ??
      (await this.sessions.endedAmong([user.sessionId])).length > 0;
    return ended ? "SESSION_ENDED" : user;
  }
}

/** Answers from the session rows, for sockets that are open already. */
export class SessionRowEndings implements SessionEndings {
  constructor(private readonly sessions: SessionRepository) {}

  topicOf(sessionId: string): string {
    return sessionTopic(sessionId);
  }

  endedAmong(sessionIds: readonly string[]): Promise<readonly string[]> {
    return this.sessions.endedAmong(sessionIds);
  }
}
