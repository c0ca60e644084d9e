import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import { unauthenticated } from "../../../platform/graphql/errors.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { PushPlatform } from "../notifications.ports.ts";
import type { PushDevice, PushTokenRepository } from "./push-token.repository.ts";

/** Devices of one user that get pushes. */
export const MAX_PUSH_TOKENS = 20;

const MAX_LENGTH = 1_024;

export interface PushTokenServiceDeps {
  readonly uow: UnitOfWork;
  readonly tokens: PushTokenRepository;
  /** Keeps a session from ending during a transaction; false when it has ended. */
  readonly holdSession: (tx: Tx, sessionId: string) => Promise<boolean>;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** Knows on which devices a user gets pushes. */
export class PushTokenService {
  constructor(private readonly deps: PushTokenServiceDeps) {}

  /** Has a device get the pushes of its user, as long as the session lasts. @throws UNAUTHENTICATED when it just ended */
  register(
    { userId, sessionId }: SignedIn,
    device: { token: string; platform: PushPlatform },
  ): Promise<PushDevice> {
    const { uow, tokens, ids, clock } = this.deps;
    const { token, platform } = device;
    if (!isUsable(token)) {
      refuse(
        problem("INVALID_INPUT", `At most ${MAX_LENGTH} visible ASCII characters.`, [
          "input",
          "token",
        ]),
      );
    }
    return uow.run(async (tx) => {
      // A session that ends meanwhile must find the token, to remove it.
      if (!(await this.deps.holdSession(tx, sessionId))) throw unauthenticated("SESSION_ENDED");
      await tokens.lock(tx, userId);
      const id = ids.next("psh");
      const at = clock.now();
      const registered = await tokens.register(tx, { id, token, userId, sessionId, platform, at });
      await tokens.keepNewest(tx, userId, MAX_PUSH_TOKENS);
      return registered;
    });
  }

  /** Has a device get no more pushes; false when it got none for this user. */
  remove(userId: string, token: string): Promise<boolean> {
    if (!isUsable(token)) return Promise.resolve(false);
    return this.deps.uow.run((tx) => this.deps.tokens.remove(tx, userId, token));
  }

  /** Removes the tokens of sessions in the transaction that ends these. */
  endSessions(tx: Tx, sessionIds: readonly string[]): Promise<void> {
    return this.deps.tokens.removeOfSessions(tx, sessionIds);
  }
}

const isUsable = (token: string): boolean =>
  token.length <= MAX_LENGTH && /^[\x21-\x7e]+$/.test(token);
