import type { Clock } from "../../../platform/clock/clock.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { PasswordHasher } from "../accounts/password-hasher.ts";
import type { UserRepository } from "../accounts/user.repository.ts";
import type { IdentityProblemCode } from "../identity.problems.ts";
import type { SessionService } from "./session.service.ts";

export interface OwnerProofDeps {
  readonly users: UserRepository;
  readonly passwords: PasswordHasher;
  readonly sessions: SessionService;
  readonly rateLimiter: RateLimiter;
  readonly clock: Clock;
  readonly failedLoginsPerAccount: number;
}

/** What was shown: the hash of the password, null for an account without one. Or why it is not enough. */
export type ShownProof =
  | { readonly passwordHash: string | null; readonly refused?: undefined }
  | { readonly refused: IdentityProblemCode };

const FRESH_MS = 600_000;

/**
 * Asks once more that it is the owner who asks, and not somebody who found an open phone: by the password where there is
 * one, else by a sign-in of the last ten minutes. Wrong passwords count per account.
 */
export class OwnerProof {
  private readonly tries: RateLimit;

  constructor(private readonly deps: OwnerProofDeps) {
    const points = deps.failedLoginsPerAccount;
    this.tries = { name: "owner_proof", points, windowSeconds: 900 };
  }

  /** @throws RATE_LIMITED after too many wrong passwords. */
  async check(
    { userId, sessionId }: SignedIn,
    password: string | null | undefined,
  ): Promise<ShownProof> {
    const { users, passwords, sessions, rateLimiter, clock } = this.deps;
    const passwordHash = await users.passwordHashOf(userId);
    if (passwordHash === null) {
      const openedAt = await sessions.openedAt(sessionId);
      const fresh = openedAt !== null && clock.now().getTime() - openedAt.getTime() <= FRESH_MS;
      return fresh ? { passwordHash } : { refused: "SIGN_IN_AGAIN" };
    }
    if (password === null || password === undefined) return { refused: "PASSWORD_REQUIRED" };
    await rateLimiter.consume(this.tries, userId);
    if (!(await passwords.verify(passwordHash, password)))
      return { refused: "INVALID_CREDENTIALS" };
    await rateLimiter.reset(this.tries, userId);
    return { passwordHash };
  }
}
