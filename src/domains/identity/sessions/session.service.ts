import type { Clock } from "../../../platform/clock/clock.ts";
import { hashToken, isRandomToken, randomToken, sign } from "../../../platform/crypto/tokens.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../../platform/events/domain-events.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Nudges } from "../../../platform/realtime/nudges.ts";
import type { AuthEventRepository } from "../accounts/auth-event.repository.ts";
import type { User } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import { SESSIONS_ENDED } from "../identity.events.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { DenyList } from "./deny-list.ts";
import { sessionTopic } from "./session-authenticator.ts";
import type {
  KnownRefreshToken,
  SessionEnd,
  SessionOwner,
  SessionRepository,
  SessionRow,
} from "./session.repository.ts";

export interface SessionServiceDeps {
  readonly uow: UnitOfWork;
  readonly events: DomainEvents;
  readonly sessions: SessionRepository;
  readonly authEvents: AuthEventRepository;
  readonly accessTokens: AccessTokens;
  readonly denyList: DenyList;
  readonly nudges: Nudges;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly secretKey: string;
  readonly refreshTokenSeconds: number;
}

/** A session that a transaction has opened; it becomes usable with that transaction's commit. */
export interface OpenedSession extends SessionOwner {
  readonly refreshToken: string;
}

/** What a client gets to act as a user. */
export interface IssuedSession {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
  readonly userId: string;
}

const LOST_ANSWER_MS = 10_000;

/** Opens, renews and ends sessions. */
export class SessionService {
  constructor(private readonly deps: SessionServiceDeps) {}

  /** Opens a session in the caller's transaction; hand the result to `issue` after the commit. */
  async open(
    tx: Tx,
    input: { user: User; caller: Caller; deviceId: string | null },
  ): Promise<OpenedSession> {
    const { ids, clock, sessions } = this.deps;
    const { user, caller, deviceId } = input;
    const id = ids.next("ses");
    const refreshToken = randomToken();
    const at = clock.now();
    await sessions.add(tx, {
      id,
      userId: user.id,
      deviceId,
      caller,
      refreshTokenHash: hashToken(refreshToken),
      at,
      expiresAt: this.refreshExpiry(at),
    });
    const { role, language } = user;
    return { sessionId: id, userId: user.id, role, language, refreshToken };
  }

  /** When a session was opened; null when it is not known. Renewing its tokens does not change that. */
  openedAt(sessionId: string): Promise<Date | null> {
    return this.deps.sessions.openedAt(sessionId);
  }

  /** Signs an access token for a session. */
  async issue(session: OpenedSession): Promise<IssuedSession> {
    const { token, expiresAt } = await this.deps.accessTokens.issue(session);
    return {
      accessToken: token,
      accessTokenExpiresAt: expiresAt,
      refreshToken: session.refreshToken,
      userId: session.userId,
    };
  }

  /**
   * Replaces a refresh token. Using one again ends the session, because two hold it – but for ten seconds the same
   * client gets the same successor once more, in case the answer was lost.
   */
  async refresh(refreshToken: string, caller: Caller): Promise<IssuedSession> {
    if (!isRandomToken(refreshToken)) return refuseWith("TOKEN_INVALID", ["input", "refreshToken"]);
    const successor = this.successorOf(refreshToken);
    const renewed = await this.deps.uow.run((tx) =>
      this.rotate(tx, refreshToken, successor, caller),
    );
    if (typeof renewed === "string") return refuseWith(renewed, ["input", "refreshToken"]);
    return this.issue({ ...renewed, refreshToken: successor });
  }

  /** Keeps an open session from ending until the transaction does; false when it has ended. */
  hold(tx: Tx, sessionId: string): Promise<boolean> {
    return this.deps.sessions.hold(tx, sessionId);
  }

  /** Ends the session of the caller. */
  async logout(user: SignedIn, caller: Caller): Promise<void> {
    await this.deps.uow.run((tx) =>
      this.end(tx, { sessionId: user.sessionId, userId: user.userId, action: "LOGOUT", caller }),
    );
  }

  /** Ends every session of the caller, or every other one; returns how many. */
  async logoutAll(user: SignedIn, keepCurrent: boolean, caller: Caller): Promise<number> {
    const { uow, authEvents } = this.deps;
    const { userId } = user;
    return uow.run(async (tx) => {
      const except = keepCurrent ? user.sessionId : null;
      const reason = "LOGOUT_ALL" as const;
      const endedCount = await this.endAllOf(tx, { userId, except, reason });
      await authEvents.add(tx, { action: reason, outcome: "OK", userId, caller });
      return endedCount;
    });
  }

  /**
   * Ends the open sessions of a user in the caller's transaction; returns how many.
   * @param except A session that stays open.
   */
  async endAllOf(
    tx: Tx,
    which: { userId: string; except: string | null; reason: SessionEnd },
  ): Promise<number> {
    const ended = await this.deps.sessions.endAll(tx, { ...which, at: this.deps.clock.now() });
    await this.announce(tx, which.userId, ended);
    return ended.length;
  }

  /** Ends one of the caller's sessions. @throws NOT_FOUND, also for somebody else's. */
  async endSession(user: SignedIn, sessionId: string, caller: Caller): Promise<void> {
    const { userId } = user;
    const ended = await this.deps.uow.run((tx) =>
      this.end(tx, { sessionId, userId, action: "END_SESSION", caller }),
    );
    if (!ended) throw notFound("The session");
  }

  /** Up to `rowsToFetch` open sessions of a user, newest first. */
  openSessionsOf(userId: string, request: PageRequest): Promise<SessionRow[]> {
    return this.deps.sessions.openOf(userId, this.deps.clock.now(), request);
  }

  private async rotate(
    tx: Tx,
    token: string,
    successor: string,
    caller: Caller,
  ): Promise<SessionOwner | IdentityProblemCode> {
    const { sessions, authEvents, clock } = this.deps;
    const at = clock.now();
    const tokenHash = hashToken(token);
    const client = clientOf(caller);
    const expiresAt = this.refreshExpiry(at);
    const successorHash = hashToken(successor);
    const rotation = { tokenHash, successorHash, client, caller, at, expiresAt };
    const rotated = await sessions.rotate(tx, rotation);
    if (rotated) return rotated;
    const known = await sessions.findToken(tx, tokenHash);
    const refusal = refusalOf(known, client, at);
    if (refusal === null && known) return known;
    const userId = known?.userId ?? null;
    if (known && refusal === "TOKEN_USED") {
      const { sessionId } = known;
      const reason = "TOKEN_REUSED" as const;
      await sessions.end(tx, { id: sessionId, userId: known.userId, reason, at });
      await this.announce(tx, known.userId, [sessionId]);
    }
    await authEvents.add(tx, { action: "REFRESH", outcome: String(refusal), userId, caller });
    return refusal ?? "TOKEN_INVALID";
  }

  private async end(
    tx: Tx,
    ending: {
      sessionId: string;
      userId: string;
      action: "LOGOUT" | "END_SESSION";
      caller: Caller;
    },
  ): Promise<boolean> {
    const { sessions, authEvents, clock } = this.deps;
    const { sessionId: id, userId, action, caller } = ending;
    const reason = action === "LOGOUT" ? "LOGOUT" : "ENDED";
    const ended = await sessions.end(tx, { id, userId, reason, at: clock.now() });
    if (ended) await this.announce(tx, userId, [id]);
    const outcome = ended ? "OK" : "NOT_FOUND";
    await authEvents.add(tx, { action, outcome, userId, caller });
    return ended;
  }

  /** Lets others react; after the commit refuses the access tokens on every node, and lets sockets close. */
  private async announce(tx: Tx, userId: string, sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length === 0) return;
    await this.deps.events.emit(tx, SESSIONS_ENDED, { userId, sessionIds });
    tx.afterCommit(async () => {
      await this.deps.denyList.add(sessionIds);
      for (const id of sessionIds) this.deps.nudges.send(sessionTopic(id));
    });
  }

  /** Always the same for a token, so that it can be given again without being stored. */
  private successorOf(token: string): string {
    return sign(this.deps.secretKey, `refresh token after ${token}`);
  }

  private refreshExpiry(at: Date): Date {
    return new Date(at.getTime() + this.deps.refreshTokenSeconds * 1_000);
  }
}

/** Why a token that could not be rotated is refused; null when its successor may be given once more. */
function refusalOf(
  token: KnownRefreshToken | null,
  client: string,
  at: Date,
): IdentityProblemCode | null {
  if (!token) return "TOKEN_INVALID";
  if (token.ended) return "SESSION_ENDED";
  if (!token.rotatedAt) return "TOKEN_EXPIRED";
  const lostAnswer = at.getTime() - token.rotatedAt.getTime() <= LOST_ANSWER_MS;
  return lostAnswer && token.rotatedBy === client ? null : "TOKEN_USED";
}

const clientOf = ({ userAgent }: Caller): string => hashToken(userAgent ?? "");
