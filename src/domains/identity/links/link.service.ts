import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import { unauthenticated } from "../../../platform/graphql/errors.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { SmsSender } from "../../../platform/sms/sms-sender.ts";
import type { AuthAction, AuthEventRepository } from "../accounts/auth-event.repository.ts";
import { parseEmail } from "../accounts/email-address.ts";
import { evenAnswer } from "../accounts/even-answer.ts";
import type { MailboxLimit } from "../accounts/mailbox-limit.ts";
import type { PasswordHasher } from "../accounts/password-hasher.ts";
import { checkNewPassword } from "../accounts/password-rules.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { OpenIdClaims } from "../open-id/open-id.ports.ts";
import type { OpenIdRepository } from "../open-id/open-id.repository.ts";
import type { OpenIdService } from "../open-id/open-id.service.ts";
import type { PhoneCodes } from "../phones/phone-codes.ts";
import { parsePhone } from "../phones/phone-number.ts";
import type { EmailLinks } from "./email-links.ts";

export interface LinkServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly emailLinks: EmailLinks;
  readonly codes: PhoneCodes;
  readonly openIds: OpenIdRepository;
  readonly openId: OpenIdService;
  readonly authEvents: AuthEventRepository;
  readonly passwords: PasswordHasher;
  readonly mailboxes: MailboxLimit;
  readonly rateLimiter: RateLimiter;
  readonly sms: SmsSender | null;
  readonly clock: Clock;
  readonly codesPerHour: number;
  readonly registrationsPerHour: number;
  readonly loginsPerMinute: number;
}

/** Adds ways to sign in to an account, such as a guest's: the account and all that is in it stay the same. */
export class LinkService {
  private readonly mails: RateLimit;
  private readonly sends: RateLimit;
  private readonly tries: RateLimit;

  constructor(private readonly deps: LinkServiceDeps) {
    this.mails = { name: "link_email", points: deps.registrationsPerHour, windowSeconds: 3_600 };
    this.sends = { name: "send_code", points: deps.codesPerHour, windowSeconds: 3_600 };
    this.tries = { name: "link_try", points: deps.loginsPerMinute, windowSeconds: 60 };
  }

  /** Mails a link that adds the address, with a password for an account that has none. Returns where it went. */
  async linkEmail(
    { userId }: SignedIn,
    input: { email: string; password: string },
    caller: Caller,
  ): Promise<string> {
    const { rateLimiter, mailboxes, passwords, emailLinks } = this.deps;
    await rateLimiter.consume(this.mails, caller.ip);
    const email = parseEmail(input.email, ["input", "email"]);
    await checkNewPassword(input.password, ["input", "password"]);
    await mailboxes.take(email);
    const passwordHash = await passwords.hash(input.password);
    const result = await evenAnswer(() =>
      this.audited("LINK_EMAIL", userId, caller, async (tx, user) => {
        if (user.email !== null) return "ALREADY_LINKED";
        await emailLinks.request(tx, user, { email, passwordHash });
        return null;
      }),
    );
    return result === null ? email : refuseWith(result, ["input", "email"]);
  }

  /** Sends a code to a phone that is to be added. Returns when it expires. */
  async sendPhoneCode({ userId }: SignedIn, text: string, caller: Caller): Promise<Date> {
    const { rateLimiter, codes, clock, sms } = this.deps;
    const phone = parsePhone(text, PHONE);
    if (!sms) return refuseWith("PHONE_UNAVAILABLE", PHONE);
    await rateLimiter.consume(this.sends, caller.ip);
    let expiresAt = clock.now();
    const result = await this.audited("LINK_PHONE", userId, caller, async (tx, user) => {
      if (user.phone !== null) return "ALREADY_LINKED";
      const { language } = user;
      expiresAt = await codes.send(tx, { phone, purpose: "LINK", language, deliver: true, userId });
      return null;
    });
    return result === null ? expiresAt : refuseWith(result, PHONE);
  }

  /** Adds the phone that a code was sent to. */
  async linkPhone(
    { userId }: SignedIn,
    input: { phone: string; code: string },
    caller: Caller,
  ): Promise<void> {
    const { rateLimiter, codes, users, clock } = this.deps;
    await rateLimiter.consume(this.tries, caller.ip);
    const phone = parsePhone(input.phone, PHONE);
    const result = await this.audited("LINK_PHONE", userId, caller, async (tx) => {
      // Holds the row of the phone: nobody else can make it an account's meanwhile.
      const used = await codes.use(tx, { phone, code: input.code, purposes: ["LINK"], userId });
      if (typeof used === "string") return used;
      if (await users.findByPhone(tx, phone)) return "ALREADY_TAKEN";
      return (await users.linkPhone(tx, userId, phone, clock.now())) ? null : "ALREADY_LINKED";
    });
    if (result !== null) refuseWith(result, ["input", "code"]);
  }

  /** Adds the sign-in with Google that an id token shows, and its address to an account without one. */
  async linkGoogle(
    { userId }: SignedIn,
    proof: { idToken: string; nonce: string },
    caller: Caller,
  ): Promise<void> {
    await this.deps.rateLimiter.consume(this.tries, caller.ip);
    const claims = await this.deps.openId.claimsOf(proof.idToken, proof.nonce);
    const result = await this.audited("LINK_OPEN_ID", userId, caller, (tx, user) =>
      this.addOpenId(tx, user, claims),
    );
    if (result !== null) refuseWith(result, ["input", "idToken"]);
  }

  private async addOpenId(
    tx: Tx,
    user: User,
    claims: OpenIdClaims,
  ): Promise<IdentityProblemCode | null> {
    const { openIds, emailLinks } = this.deps;
    await openIds.lockSubject(tx, claims.subject);
    const linked = await openIds.userOf(tx, claims.subject);
    if (linked !== null) return linked === user.id ? null : "ALREADY_TAKEN";
    if (user.email === null) {
      if (claims.email === null || !claims.emailVerified) return "EMAIL_NOT_VERIFIED";
      if (!(await emailLinks.give(tx, user.id, claims.email, null))) return "ALREADY_TAKEN";
    }
    await openIds.link(tx, claims.subject, user.id);
    return null;
  }

  /** One transaction on the caller's locked row. A refusal commits as well: tries have to be counted. */
  private audited(
    action: AuthAction,
    userId: string,
    caller: Caller,
    work: (tx: Tx, user: User) => Promise<IdentityProblemCode | null>,
  ): Promise<IdentityProblemCode | null> {
    const { uow, users, authEvents } = this.deps;
    return uow.run(async (tx) => {
      const user = await users.lock(tx, userId);
      if (!user?.isActive) throw unauthenticated("SESSION_ENDED");
      const refusal = await work(tx, user);
      await authEvents.add(tx, { action, outcome: refusal ?? "OK", userId, caller });
      return refusal;
    });
  }
}

const PHONE = ["input", "phone"] as const;
