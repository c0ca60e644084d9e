import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { SmsSender } from "../../../platform/sms/sms-sender.ts";
import type { AuthAction, AuthEventRepository } from "../accounts/auth-event.repository.ts";
import { evenAnswer } from "../accounts/even-answer.ts";
import type { PasswordHasher } from "../accounts/password-hasher.ts";
import { checkNewPassword } from "../accounts/password-rules.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { IssuedSession, SessionService } from "../sessions/session.service.ts";
import type { PhoneCode } from "./phone-code.repository.ts";
import type { PhoneCodes } from "./phone-codes.ts";
import { parsePhone } from "./phone-number.ts";

export interface PhoneServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly codes: PhoneCodes;
  readonly sms: SmsSender | null;
  readonly sessions: SessionService;
  readonly authEvents: AuthEventRepository;
  readonly passwords: PasswordHasher;
  readonly rateLimiter: RateLimiter;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly codesPerHour: number;
  readonly loginsPerMinute: number;
}

/** What a code may be asked for. */
export type OtpPurpose = "SIGN_UP" | "SIGN_IN" | "RESET_PASSWORD";

const PHONE = ["input", "phone"] as const;
const CODE = ["input", "code"] as const;

/** Accounts by phone. A number belongs to nobody before its code came back; no answer tells whether it has an account. */
export class PhoneService {
  private readonly sends: RateLimit;
  private readonly tries: RateLimit;

  constructor(private readonly deps: PhoneServiceDeps) {
    this.sends = { name: "send_code", points: deps.codesPerHour, windowSeconds: 3_600 };
    this.tries = { name: "verify_code", points: deps.loginsPerMinute, windowSeconds: 60 };
  }

  /** Sends a code that makes the account. Returns when the code expires. */
  async signUp(
    input: { phone: string; password: string; language: Language },
    caller: Caller,
  ): Promise<Date> {
    const phone = await this.receive(input.phone, caller);
    await checkNewPassword(input.password, ["input", "password"]);
    const passwordHash = await this.deps.passwords.hash(input.password);
    const { language } = input;
    return this.send(
      { phone, purpose: "SIGN_UP", language, passwordHash },
      "SIGN_UP_PHONE",
      caller,
    );
  }

  /** Sends a code, if the purpose makes sense for the phone. Returns when it expires. */
  async requestCode(
    input: { phone: string; purpose: OtpPurpose; language: Language },
    caller: Caller,
    path: readonly string[] = PHONE,
  ): Promise<Date> {
    const phone = await this.receive(input.phone, caller, path);
    return this.send({ ...input, phone }, "REQUEST_CODE", caller);
  }

  /** Signs in by a code, and makes the account if there is none yet. */
  async verifyCode(phoneText: string, code: string, caller: Caller): Promise<IssuedSession> {
    const { rateLimiter, uow, codes, authEvents, sessions } = this.deps;
    await rateLimiter.consume(this.tries, caller.ip);
    const phone = parsePhone(phoneText, PHONE);
    const result = await uow.run(async (tx) => {
      const purposes = ["SIGN_UP", "SIGN_IN"] as const;
      const used = await codes.use(tx, { phone, code, purposes });
      const user = typeof used === "string" ? used : await this.ownerOf(tx, phone, used);
      const refused = typeof user === "string";
      await authEvents.add(tx, {
        action: "VERIFY_CODE",
        outcome: refused ? user : "OK",
        userId: refused ? null : user.id,
        caller,
      });
      return refused ? user : await sessions.open(tx, { user, caller, deviceId: null });
    });
    return typeof result === "string" ? refuseWith(result, CODE) : sessions.issue(result);
  }

  /** Counts the request against its address and reads the phone. */
  private async receive(
    text: string,
    caller: Caller,
    path: readonly string[] = PHONE,
  ): Promise<string> {
    const phone = parsePhone(text, path);
    if (!this.deps.sms) refuseWith("PHONE_UNAVAILABLE", path);
    await this.deps.rateLimiter.consume(this.sends, caller.ip);
    return phone;
  }

  private send(
    request: { phone: string; purpose: OtpPurpose; language: Language; passwordHash?: string },
    action: AuthAction,
    caller: Caller,
  ): Promise<Date> {
    const { uow, users, codes, authEvents } = this.deps;
    return evenAnswer(() =>
      uow.run(async (tx) => {
        const user = await users.findByPhone(tx, request.phone);
        // Somebody who signs up again shows the phone and is signed in; the password stays.
        const known = user && { purpose: "SIGN_IN" as const, language: user.language };
        const deliver = user ? user.isActive : request.purpose === "SIGN_UP";
        const { passwordHash, ...rest } = request;
        const expiresAt = await codes.send(tx, {
          ...rest,
          ...(request.purpose === "SIGN_UP" ? (known ?? (passwordHash && { passwordHash })) : {}),
          deliver,
        });
        const outcome = deliver ? "OK" : "NO_ACCOUNT";
        await authEvents.add(tx, { action, outcome, userId: user?.id ?? null, caller });
        return expiresAt;
      }),
    );
  }

  private async ownerOf(
    tx: Tx,
    phone: string,
    { purpose, passwordHash }: PhoneCode,
  ): Promise<User | IdentityProblemCode> {
    const { users, ids, clock } = this.deps;
    if (purpose === "SIGN_UP")
      await users.addWithPhone(tx, { id: ids.next("usr"), phone, passwordHash });
    const user = await users.verifyPhone(tx, phone, clock.now());
    return user?.isActive ? user : "CODE_INVALID";
  }
}
