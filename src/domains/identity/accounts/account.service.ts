import type { Clock } from "../../../platform/clock/clock.ts";
import { hashToken, isRandomToken, randomToken } from "../../../platform/crypto/tokens.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { EmailLinks } from "../links/email-links.ts";
import type { OutgoingMailService } from "../mails/outgoing-mail.service.ts";
import type { IssuedSession, SessionService } from "../sessions/session.service.ts";
import { accountExistsMail, verificationMail } from "./account.mails.ts";
import type { AuthEventRepository } from "./auth-event.repository.ts";
import { parseEmail } from "./email-address.ts";
import type { EmailTokenRepository } from "./email-token.repository.ts";
import type { MailboxLimit } from "./mailbox-limit.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { checkNewPassword } from "./password-rules.ts";
import { checkedName } from "./person-name.ts";
import type { EmailAccount, User, UserRepository } from "./user.repository.ts";

export interface AccountServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly emailTokens: EmailTokenRepository;
  readonly authEvents: AuthEventRepository;
  readonly emailLinks: EmailLinks;
  readonly mails: OutgoingMailService;
  readonly sessions: SessionService;
  readonly passwords: PasswordHasher;
  readonly rateLimiter: RateLimiter;
  readonly mailboxes: MailboxLimit;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly verificationTokenSeconds: number;
  readonly registrationsPerHour: number;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: Language;
}

const VERIFICATIONS: RateLimit = { name: "verify_email", points: 30, windowSeconds: 60 };

/** Makes accounts and confirms their addresses. Nothing that it answers tells whether an account exists. */
export class AccountService {
  private readonly registrations: RateLimit;
  private readonly resends: RateLimit;

  constructor(private readonly deps: AccountServiceDeps) {
    const hourly = { points: deps.registrationsPerHour, windowSeconds: 3_600 };
    this.registrations = { name: "register", ...hourly };
    this.resends = { name: "resend_verification", ...hourly };
  }

  /**
   * Makes an account that can be used once its address is verified, and mails the link. A verified address gets
   * a mail that says so instead.
   * @returns The address that the mail went to.
   */
  async registerWithEmail(input: Registration, caller: Caller): Promise<string> {
    await this.deps.rateLimiter.consume(this.registrations, caller.ip);
    const email = parseEmail(input.email, ["input", "email"]);
    const names = {
      firstName: checkedName(input.firstName, ["input", "firstName"]),
      lastName: checkedName(input.lastName, ["input", "lastName"]),
    };
    await checkNewPassword(input.password, ["input", "password"]);
    await this.deps.mailboxes.take(email);
    const passwordHash = await this.deps.passwords.hash(input.password);
    const account = { email, passwordHash, ...names, language: input.language };
    await this.deps.uow.run((tx) => this.register(tx, account, caller));
    return email;
  }

  /** Mails a new link to an address that waits for its verification; does nothing for any other. */
  async resendVerificationEmail(address: string, caller: Caller): Promise<void> {
    await this.deps.rateLimiter.consume(this.resends, caller.ip);
    const email = parseEmail(address, ["input", "email"]);
    await this.deps.mailboxes.take(email);
    await this.deps.uow.run(async (tx) => {
      const user = await this.deps.users.lockByEmail(tx, email);
      const waiting = user !== null && user.emailVerifiedAt === null;
      if (waiting) await this.mailVerification(tx, { ...user, email, passwordHash: null });
      await this.deps.authEvents.add(tx, {
        action: "RESEND_VERIFICATION",
        outcome: waiting ? "OK" : "NOTHING_TO_VERIFY",
        userId: user?.id ?? null,
        caller,
      });
    });
  }

  /** Confirms the address that a token was mailed to, and signs its owner in. */
  async verifyEmail(token: string, caller: Caller): Promise<IssuedSession> {
    const opened = await this.useToken(token, caller, (tx, user) =>
      this.deps.sessions.open(tx, { user, caller, deviceId: null }),
    );
    return this.deps.sessions.issue(opened);
  }

  /** Confirms the address that a token was mailed to, and no more. */
  async confirmEmail(token: string, caller: Caller): Promise<void> {
    await this.useToken(token, caller, () => Promise.resolve());
  }

  private async register(tx: Tx, input: Omit<EmailAccount, "id">, caller: Caller): Promise<void> {
    const { users, mails, authEvents, ids } = this.deps;
    const account = { ...input, id: ids.next("usr") };
    const isNew = await users.addWithEmail(tx, account);
    const existing = isNew ? null : await users.lockByEmail(tx, input.email);
    const userId = existing?.id ?? account.id;
    if (existing?.emailVerifiedAt) {
      await mails.enqueue(tx, existing.email ?? input.email, accountExistsMail(existing.language));
    } else {
      if (existing) await users.replaceUnverified(tx, { ...account, id: existing.id });
      await this.mailVerification(tx, { ...account, id: userId });
    }
    const outcome = isNew ? "OK" : existing?.emailVerifiedAt ? "EXISTS" : "REPLACED";
    await authEvents.add(tx, { action: "REGISTER", outcome, userId, caller });
  }

  /**
   * The token carries the password that was entered with it: whoever registers somebody else's address first
   * cannot get in with a password of their own when the owner follows a later mail.
   */
  private async mailVerification(
    tx: Tx,
    user: { id: string; email: string; language: Language; passwordHash: string | null },
  ): Promise<void> {
    const { emailTokens, mails, clock, publicUrl, verificationTokenSeconds } = this.deps;
    const token = randomToken();
    await emailTokens.add(tx, {
      tokenHash: hashToken(token),
      userId: user.id,
      purpose: "VERIFY_EMAIL",
      email: user.email,
      passwordHash: user.passwordHash,
      expiresAt: new Date(clock.now().getTime() + verificationTokenSeconds * 1_000),
    });
    const url = `${publicUrl}/verify-email?token=${token}`;
    const mail = verificationMail(user.language, url, verificationTokenSeconds);
    await mails.enqueue(tx, user.email, mail);
  }

  private async useToken<T>(
    token: string,
    caller: Caller,
    then: (tx: Tx, user: User) => Promise<T>,
  ): Promise<T> {
    const { uow, authEvents, rateLimiter } = this.deps;
    await rateLimiter.consume(VERIFICATIONS, caller.ip);
    const result = await uow.run(async (tx) => {
      const verified = await this.verify(tx, token);
      const refused = typeof verified === "string";
      await authEvents.add(tx, {
        action: "VERIFY_EMAIL",
        outcome: refused ? verified : "OK",
        userId: refused ? null : verified.id,
        caller,
      });
      return refused ? { refused: verified } : { value: await then(tx, verified) };
    });
    if ("refused" in result) return refuseWith(result.refused, ["input", "token"]);
    return result.value;
  }

  private async verify(tx: Tx, token: string): Promise<User | IdentityProblemCode> {
    const { users, emailTokens, clock } = this.deps;
    if (!isRandomToken(token)) return "TOKEN_INVALID";
    const at = clock.now();
    const used = await emailTokens.use(tx, hashToken(token), "VERIFY_EMAIL", at);
    if (used === "TOKEN_INVALID") return this.deps.emailLinks.use(tx, hashToken(token), at);
    if (typeof used === "string") return used;
    const user = await users.verifyEmail(tx, { ...used, at });
    if (!user?.isActive) return "TOKEN_INVALID";
    await emailTokens.voidAll(tx, user.id, "VERIFY_EMAIL", at);
    return user;
  }
}
