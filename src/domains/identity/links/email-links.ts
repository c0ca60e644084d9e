import type { Clock } from "../../../platform/clock/clock.ts";
import { hashToken, randomToken } from "../../../platform/crypto/tokens.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { accountExistsMail, linkMail } from "../accounts/account.mails.ts";
import type { EmailTokenRepository } from "../accounts/email-token.repository.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";
import type { IdentityProblemCode } from "../identity.problems.ts";
import type { OutgoingMailService } from "../mails/outgoing-mail.service.ts";

export interface EmailLinksDeps {
  readonly users: UserRepository;
  readonly emailTokens: EmailTokenRepository;
  readonly mails: OutgoingMailService;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly verificationTokenSeconds: number;
}

/** Adds addresses to accounts that have none. The address is the account's only once its mail was answered. */
export class EmailLinks {
  constructor(private readonly deps: EmailLinksDeps) {}

  /** Mails the link, or, to an address that has an account already, a mail that says so. */
  async request(
    tx: Tx,
    user: User,
    link: { email: string; passwordHash: string | null },
  ): Promise<void> {
    const { users, emailTokens, mails, clock, publicUrl, verificationTokenSeconds } = this.deps;
    const holder = await users.lockByEmail(tx, link.email);
    if (holder?.emailVerifiedAt) {
      await mails.enqueue(tx, holder.email ?? link.email, accountExistsMail(holder.language));
      return;
    }
    const token = randomToken();
    await emailTokens.add(tx, {
      ...link,
      tokenHash: hashToken(token),
      userId: user.id,
      purpose: "LINK_EMAIL",
      expiresAt: new Date(clock.now().getTime() + verificationTokenSeconds * 1_000),
    });
    const url = `${publicUrl}/verify-email?token=${token}`;
    const mail = linkMail(user.language, url, verificationTokenSeconds);
    await mails.enqueue(tx, link.email, mail);
  }

  /** Uses a token up: the user with the address, or why not. */
  async use(tx: Tx, tokenHash: string, at: Date): Promise<User | IdentityProblemCode> {
    const { users, emailTokens } = this.deps;
    const used = await emailTokens.use(tx, tokenHash, "LINK_EMAIL", at);
    if (typeof used === "string") return used;
    const user = await this.give(tx, used.userId, used.email, used.passwordHash);
    if (user === null || !user.isActive) return "TOKEN_INVALID";
    await emailTokens.voidAll(tx, user.id, "LINK_EMAIL", at);
    return (await users.lock(tx, user.id)) ?? "TOKEN_INVALID";
  }

  /**
   * Gives an address that was shown to be the user's to an account without one; null when it is another account's.
   * @param passwordHash Becomes the password if there is none.
   */
  async give(
    tx: Tx,
    userId: string,
    email: string,
    passwordHash: string | null,
  ): Promise<User | null> {
    const { users, clock } = this.deps;
    await users.lockAddress(tx, email);
    await users.deleteUnverified(tx, email);
    const holder = await users.lockByEmail(tx, email);
    if (holder !== null) return holder.id === userId ? holder : null;
    return users.linkEmail(tx, { userId, email, passwordHash, at: clock.now() });
  }
}
