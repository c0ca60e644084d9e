import type { Clock } from "../../../platform/clock/clock.ts";
import { equalInConstantTime } from "../../../platform/crypto/tokens.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type {
  AuthAction,
  AuthEvent,
  AuthEventRepository,
} from "../accounts/auth-event.repository.ts";
import { parseEmail } from "../accounts/email-address.ts";
import { evenRefusal } from "../accounts/even-answer.ts";
import type { PasswordHasher } from "../accounts/password-hasher.ts";
import type { Credentials, UserRepository } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import { looksLikePhone, parsePhone } from "../phones/phone-number.ts";
import { checkDevice, deviceSecretHash, signInSubject } from "./device-proof.ts";
import type { Device, DevicePlatform, DeviceRepository } from "./device.repository.ts";
import type { IssuedSession, SessionService } from "./session.service.ts";

export interface SignInServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly devices: DeviceRepository;
  readonly sessions: SessionService;
  readonly authEvents: AuthEventRepository;
  readonly passwords: PasswordHasher;
  readonly rateLimiter: RateLimiter;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly secretKey: string;
  readonly loginsPerMinute: number;
  readonly failedLoginsPerAccount: number;
}

/** What a device shows to be recognised. */
export interface DeviceProof {
  readonly deviceId: string;
  readonly deviceSecret: string;
  readonly platform: DevicePlatform;
  /** The language of a user who is made for it. */
  readonly language: Language;
}

const IDENTIFIER = ["input", "identifier"] as const;

/** Signs users in. Every try counts: per address of the caller, and per account until one succeeds. */
export class SignInService {
  private readonly perCaller: RateLimit;
  private readonly perAccount: RateLimit;

  constructor(private readonly deps: SignInServiceDeps) {
    this.perCaller = { name: "login", points: deps.loginsPerMinute, windowSeconds: 60 };
    const points = deps.failedLoginsPerAccount;
    this.perAccount = { name: "login_account", points, windowSeconds: 900 };
  }

  /** Signs in by e-mail address or phone and password; an unknown one costs what a wrong password costs. */
  async loginWithPassword(
    identifier: string,
    password: string,
    caller: Caller,
  ): Promise<IssuedSession> {
    const { rateLimiter, passwords } = this.deps;
    const startedMs = performance.now();
    await rateLimiter.consume(this.perCaller, caller.ip);
    const account = this.accountNamed(identifier);
    const subjectHash = this.subjectOf(account.name);
    // Taken before the password is looked at: tries at the same moment cannot slip through together.
    await rateLimiter.consume(this.perAccount, subjectHash);
    const found = await account.find();
    const right = await passwords.verify(found?.passwordHash ?? null, password);
    const event = {
      action: "LOGIN_PASSWORD",
      userId: found?.id ?? null,
      subjectHash,
      caller,
    } as const;
    if (!found?.isActive || !right) {
      await evenRefusal(startedMs);
      return this.refuse(event, "INVALID_CREDENTIALS");
    }
    await rateLimiter.reset(this.perAccount, subjectHash);
    if (!found[account.verified]) return this.refuse(event, account.unverified);
    return this.open(found, password, event);
  }

  /** Opens the session of somebody who gave the right password, and brings an old hash of it up to date. */
  private async open(
    user: Credentials,
    password: string,
    event: Omit<AuthEvent, "outcome">,
  ): Promise<IssuedSession> {
    const { uow, users, passwords, authEvents, sessions } = this.deps;
    const was = user.passwordHash;
    const outdated = was !== null && passwords.isOutdated(was);
    const passwordHash = outdated ? await passwords.hash(password) : null;
    const opened = await uow.run(async (tx) => {
      if (passwordHash !== null && was !== null) {
        await users.replaceHash(tx, { userId: user.id, was, passwordHash });
      }
      await authEvents.add(tx, { ...event, outcome: "OK" });
      return sessions.open(tx, { user, caller: event.caller, deviceId: null });
    });
    return sessions.issue(opened);
  }

  private accountNamed(identifier: string) {
    const { users } = this.deps;
    if (looksLikePhone(identifier)) {
      const phone = parsePhone(identifier, IDENTIFIER);
      const find = () => users.credentialsByPhone(phone);
      const [verified, unverified] = ["phoneVerifiedAt", "PHONE_NOT_VERIFIED"] as const;
      return { name: phone, find, verified, unverified };
    }
    const email = parseEmail(identifier, IDENTIFIER);
    const find = () => users.credentialsByEmail(email);
    const [verified, unverified] = ["emailVerifiedAt", "EMAIL_NOT_VERIFIED"] as const;
    return { name: email.toLowerCase(), find, verified, unverified };
  }

  /** Signs in the user of a device; a device that was never seen gets a new guest. */
  async loginWithDevice(proof: DeviceProof, caller: Caller): Promise<IssuedSession> {
    const { rateLimiter, devices, sessions } = this.deps;
    await rateLimiter.consume(this.perCaller, caller.ip);
    checkDevice(proof);
    const subjectHash = this.subjectOf(proof.deviceId);
    await rateLimiter.consume(this.perAccount, subjectHash);
    const secretHash = deviceSecretHash(this.deps.secretKey, proof.deviceSecret);
    const device =
      (await devices.find(proof.deviceId)) ??
      (await this.registerDevice(proof, secretHash)) ??
      // Another call made it in the same moment.
      (await devices.find(proof.deviceId));
    const [user] = device ? await this.deps.users.byIds([device.userId]) : [];
    const event = {
      action: "LOGIN_DEVICE",
      userId: user?.id ?? null,
      subjectHash,
      caller,
    } as const;
    if (!device || !user?.isActive || !equalInConstantTime(device.secretHash, secretHash)) {
      return this.refuse(event, "INVALID_CREDENTIALS");
    }
    await rateLimiter.reset(this.perAccount, subjectHash);
    const opened = await this.deps.uow.run(async (tx) => {
      await devices.touch(tx, device.id, proof.platform, this.deps.clock.now());
      await this.deps.authEvents.add(tx, { ...event, outcome: "OK" });
      return sessions.open(tx, { user, caller, deviceId: device.id });
    });
    return sessions.issue(opened);
  }

  /** Makes a guest for a new device; null when the device is known by now. */
  private async registerDevice(proof: DeviceProof, secretHash: string): Promise<Device | null> {
    const { uow, ids, users, devices } = this.deps;
    const device = { id: ids.next("dev"), userId: ids.next("usr"), secretHash };
    try {
      await uow.run(async (tx: Tx) => {
        await users.addGuest(tx, { id: device.userId, language: proof.language });
        const { deviceId, platform } = proof;
        if (!(await devices.add(tx, { ...device, deviceId, platform }))) throw new DeviceTaken();
      });
      return device;
    } catch (error) {
      if (error instanceof DeviceTaken) return null;
      throw error;
    }
  }

  private async refuse(
    event: Omit<AuthEvent, "outcome"> & { action: AuthAction },
    code: IdentityProblemCode,
  ): Promise<never> {
    await this.deps.uow.run((tx) => this.deps.authEvents.add(tx, { ...event, outcome: code }));
    return refuseWith(code);
  }

  private subjectOf(text: string): string {
    return signInSubject(this.deps.secretKey, text);
  }
}

/** Rolls the guest back that was made for a device which another call registered first. */
class DeviceTaken extends Error {}
