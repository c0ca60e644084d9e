import type { Clock } from "../../../platform/clock/clock.ts";
import { hashToken, isRandomToken, randomToken } from "../../../platform/crypto/tokens.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Language, SignedIn } from "../../../platform/graphql/context.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { OutgoingMailService } from "../mails/outgoing-mail.service.ts";
import type { PhoneCodes } from "../phones/phone-codes.ts";
import { looksLikePhone, parsePhone } from "../phones/phone-number.ts";
import type { PhoneService } from "../phones/phone.service.ts";
import type { SessionService } from "../sessions/session.service.ts";
import { passwordChangedMail, resetMail } from "../accounts/account.mails.ts";
import type { AuthEventRepository } from "../accounts/auth-event.repository.ts";
import { parseEmail } from "../accounts/email-address.ts";
import type { EmailTokenRepository } from "../accounts/email-token.repository.ts";
import { evenAnswer } from "../accounts/even-answer.ts";
import type { MailboxLimit } from "../accounts/mailbox-limit.ts";
import type { PasswordHasher } from "../accounts/password-hasher.ts";
import { checkNewPassword } from "../accounts/password-rules.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";

export interface PasswordServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly emailTokens: EmailTokenRepository;
  readonly authEvents: AuthEventRepository;
  readonly mails: OutgoingMailService;
  readonly mailboxes: MailboxLimit;
  readonly phones: PhoneService;
  readonly codes: PhoneCodes;
  readonly sessions: SessionService;
  readonly passwords: PasswordHasher;
  readonly rateLimiter: RateLimiter;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly resetTokenSeconds: number;
  readonly registrationsPerHour: number;
  readonly failedLoginsPerAccount: number;
}

/** What shows that an account is the caller's: a mailed token, or a code with its phone. */
export type ResetProof =
  | { readonly token: string }
  | { readonly token?: undefined; readonly phone: string; readonly code: string };

const RESETS: RateLimit = { name: "reset_password", points: 30, windowSeconds: 60 };
const IDENTIFIER = ["input", "identifier"] as const;
const NEW_PASSWORD = ["input", "newPassword"] as const;

/** Replaces passwords: forgotten ones by a mailed link, known ones by the owner. Other sessions end with it. */
export class PasswordService {
  private readonly requests: RateLimit;
  private readonly changes: RateLimit;

  constructor(private readonly deps: PasswordServiceDeps) {
    const points = deps.registrationsPerHour;
    this.requests = { name: "forgot_password", points, windowSeconds: 3_600 };
    const tries = deps.failedLoginsPerAccount;
    this.changes = { name: "change_password", points: tries, windowSeconds: 900 };
  }

  /** Sends what allows to choose a new password, if there is an account; the answer never tells. */
  async forgotPassword(
    { identifier, language }: { identifier: string; language: Language },
    caller: Caller,
  ): Promise<void> {
    const { rateLimiter, mailboxes, phones, uow, users, authEvents } = this.deps;
    if (looksLikePhone(identifier)) {
      const request = { phone: identifier, purpose: "RESET_PASSWORD", language } as const;
      await phones.requestCode(request, caller, IDENTIFIER);
      return;
    }
    await rateLimiter.consume(this.requests, caller.ip);
    const email = parseEmail(identifier, IDENTIFIER);
    await mailboxes.take(email);
    await evenAnswer(() =>
      uow.run(async (tx) => {
        const user = await users.lockByEmail(tx, email);
        if (user?.isActive) await this.mailLink(tx, user, user.email ?? email);
        await authEvents.add(tx, {
          action: "FORGOT_PASSWORD",
          outcome: user?.isActive ? "OK" : "NO_ACCOUNT",
          userId: user?.id ?? null,
          caller,
        });
      }),
    );
  }

  /**
   * Sets the password of the account that a token was mailed for, or a code was sent for, and ends all its sessions. What
   * was sent has reached its owner, so the address or phone counts as verified.
   */
  async resetPassword(proof: ResetProof, newPassword: string, caller: Caller): Promise<void> {
    const { rateLimiter, passwords, uow, authEvents } = this.deps;
    await rateLimiter.consume(RESETS, caller.ip);
    const checked = checkedProof(proof);
    await checkNewPassword(newPassword, NEW_PASSWORD);
    const passwordHash = await passwords.hash(newPassword);
    const result = await uow.run(async (tx) => {
      const changed = await this.useProof(tx, checked, passwordHash);
      const refused = typeof changed === "string";
      await authEvents.add(tx, {
        action: "RESET_PASSWORD",
        outcome: refused ? changed : "OK",
        userId: refused ? null : changed.id,
        caller,
      });
      return changed;
    });
    if (typeof result === "string")
      refuseWith(result, ["input", proof.token === undefined ? "code" : "token"]);
  }

  /** Replaces the password that the caller knows, and ends the caller's other sessions; returns how many. */
  async changePassword(
    user: SignedIn,
    change: { currentPassword: string; newPassword: string },
    caller: Caller,
  ): Promise<number> {
    const { rateLimiter, users, passwords } = this.deps;
    await rateLimiter.consume(this.changes, user.userId);
    await checkNewPassword(change.newPassword, NEW_PASSWORD);
    const was = await users.passwordHashOf(user.userId);
    const right = await passwords.verify(was, change.currentPassword);
    if (!right || was === null) return this.refuseChange(user.userId, caller);
    const passwordHash = await passwords.hash(change.newPassword);
    const ended = await this.deps.uow.run((tx) =>
      this.change(tx, user, { was, passwordHash }, caller),
    );
    if (ended === null) return this.refuseChange(user.userId, caller);
    await rateLimiter.reset(this.changes, user.userId);
    return ended;
  }

  private async change(
    tx: Tx,
    { userId, sessionId }: SignedIn,
    hashes: { was: string; passwordHash: string },
    caller: Caller,
  ): Promise<number | null> {
    const { users, sessions, emailTokens, authEvents, clock } = this.deps;
    if (!(await users.changePassword(tx, { userId, ...hashes }))) return null;
    await emailTokens.voidAll(tx, userId, "RESET_PASSWORD", clock.now());
    const reason = "PASSWORD_CHANGED" as const;
    const ended = await sessions.endAllOf(tx, { userId, except: sessionId, reason });
    const [user] = await users.byIds([userId]);
    if (user) await this.tell(tx, user);
    await authEvents.add(tx, { action: "CHANGE_PASSWORD", outcome: "OK", userId, caller });
    return ended;
  }

  private async refuseChange(userId: string, caller: Caller): Promise<never> {
    const code: IdentityProblemCode = "INVALID_CREDENTIALS";
    const event = { action: "CHANGE_PASSWORD", outcome: code, userId, caller } as const;
    await this.deps.uow.run((tx) => this.deps.authEvents.add(tx, event));
    return refuseWith(code, ["input", "currentPassword"]);
  }

  private async mailLink(tx: Tx, user: User, email: string): Promise<void> {
    const { emailTokens, mails, clock, publicUrl, resetTokenSeconds } = this.deps;
    const token = randomToken();
    const at = clock.now();
    await emailTokens.voidAll(tx, user.id, "RESET_PASSWORD", at);
    await emailTokens.add(tx, {
      tokenHash: hashToken(token),
      userId: user.id,
      purpose: "RESET_PASSWORD",
      email,
      passwordHash: null,
      expiresAt: new Date(at.getTime() + resetTokenSeconds * 1_000),
    });
    const url = `${publicUrl}/reset-password?token=${token}`;
    await mails.enqueue(tx, email, resetMail(user.language, url, resetTokenSeconds));
  }

  private async useProof(
    tx: Tx,
    proof: ResetProof,
    passwordHash: string,
  ): Promise<User | IdentityProblemCode> {
    const at = this.deps.clock.now();
    const user =
      proof.token === undefined
        ? await this.useCode(tx, proof, passwordHash, at)
        : await this.useToken(tx, proof.token, passwordHash, at);
    if (typeof user === "object" && user?.isActive) {
      await this.afterReset(tx, user, at);
      return user;
    }
    return typeof user === "string" ? user : "TOKEN_INVALID";
  }

  private async useToken(
    tx: Tx,
    token: string,
    passwordHash: string,
    at: Date,
  ): Promise<User | IdentityProblemCode | null> {
    const { users, emailTokens } = this.deps;
    const used = await emailTokens.use(tx, hashToken(token), "RESET_PASSWORD", at);
    if (typeof used === "string") return used;
    const { userId, email } = used;
    return users.verifyEmail(tx, { userId, email, passwordHash, at });
  }

  private async useCode(
    tx: Tx,
    { phone, code }: { phone: string; code: string },
    passwordHash: string,
    at: Date,
  ): Promise<User | IdentityProblemCode | null> {
    const used = await this.deps.codes.use(tx, { phone, code, purposes: ["RESET_PASSWORD"] });
    if (typeof used === "string") return used;
    return this.deps.users.verifyPhone(tx, phone, at, passwordHash);
  }

  /** Nothing that was open before may outlive the old password: a link to verify could even bring another one back. */
  private async afterReset(tx: Tx, user: User, at: Date): Promise<void> {
    const { emailTokens, sessions } = this.deps;
    await emailTokens.voidAll(tx, user.id, "RESET_PASSWORD", at);
    await emailTokens.voidAll(tx, user.id, "VERIFY_EMAIL", at);
    await sessions.endAllOf(tx, { userId: user.id, except: null, reason: "PASSWORD_RESET" });
    await this.tell(tx, user);
  }

  private async tell(tx: Tx, { email, emailVerifiedAt, language }: User): Promise<void> {
    if (email && emailVerifiedAt)
      await this.deps.mails.enqueue(tx, email, passwordChangedMail(language));
  }
}

function checkedProof(proof: ResetProof): ResetProof {
  if (proof.token === undefined) {
    return { ...proof, phone: parsePhone(proof.phone, ["input", "phone"]) };
  }
  return isRandomToken(proof.token) ? proof : refuseWith("TOKEN_INVALID", ["input", "token"]);
}
