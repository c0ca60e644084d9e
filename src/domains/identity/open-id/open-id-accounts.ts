import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { EmailTokenRepository } from "../accounts/email-token.repository.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";
import type { IdentityProblemCode } from "../identity.problems.ts";
import type { OpenIdClaims } from "./open-id.ports.ts";
import type { OpenIdRepository } from "./open-id.repository.ts";

export interface OpenIdAccountsDeps {
  readonly openIds: OpenIdRepository;
  readonly users: UserRepository;
  readonly emailTokens: EmailTokenRepository;
  readonly ids: Ids;
  readonly clock: Clock;
}

const MAX_NAME = 100;

/** Finds or makes the user behind verified claims. The subject counts; the address only links the first time. */
export class OpenIdAccounts {
  constructor(private readonly deps: OpenIdAccountsDeps) {}

  async userOf(
    tx: Tx,
    claims: OpenIdClaims,
    language: Language,
  ): Promise<User | IdentityProblemCode> {
    const { openIds, users } = this.deps;
    await openIds.lockSubject(tx, claims.subject);
    const linked = await openIds.userOf(tx, claims.subject);
    if (linked !== null) return active(await users.lock(tx, linked));
    const { email } = claims;
    if (email === null || !claims.emailVerified) return "EMAIL_NOT_VERIFIED";
    const user = await this.userOfAddress(tx, { ...claims, email }, language);
    if (user?.isActive) await openIds.link(tx, claims.subject, user.id);
    return active(user);
  }

  private async userOfAddress(
    tx: Tx,
    claims: OpenIdClaims & { email: string },
    language: Language,
  ): Promise<User | null> {
    const { users, emailTokens, ids, clock } = this.deps;
    const added = await users.addWithVerifiedEmail(tx, {
      id: ids.next("usr"),
      email: claims.email,
      firstName: nameOf(claims.firstName),
      lastName: nameOf(claims.lastName),
      language,
      at: clock.now(),
    });
    const existing = added ?? (await users.lockByEmail(tx, claims.email));
    if (existing === null || existing.emailVerifiedAt !== null || !existing.isActive)
      return existing;
    // Somebody registered this address and never showed it to be theirs: what they entered ends here.
    await emailTokens.voidAll(tx, existing.id, "VERIFY_EMAIL", clock.now());
    return users.takeOverUnverified(tx, existing.id, clock.now());
  }
}

const active = (user: User | null): User | IdentityProblemCode =>
  user?.isActive ? user : "INVALID_CREDENTIALS";

const nameOf = (text: string): string =>
  [...text.replaceAll(/\p{Cc}/gu, " ").trim()].slice(0, MAX_NAME).join("");
