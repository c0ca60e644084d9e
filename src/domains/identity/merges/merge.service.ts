import { equalInConstantTime } from "../../../platform/crypto/tokens.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import { unauthenticated } from "../../../platform/graphql/errors.ts";
import { Idempotency, type IdempotentCall } from "../../../platform/jobs/idempotency.ts";
import type { PersonalData } from "../../../platform/module.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { AuthEvent, AuthEventRepository } from "../accounts/auth-event.repository.ts";
import type { UserRepository } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import type { ExportService } from "../exports/export.service.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { SignInMethodRepository } from "../links/sign-in-method.repository.ts";
import type { PersonRepository } from "../person.repository.ts";
import { checkDevice, deviceSecretHash, signInSubject } from "../sessions/device-proof.ts";
import type { Device, DeviceRepository } from "../sessions/device.repository.ts";
import type { SessionService } from "../sessions/session.service.ts";
import type { MergedThings, MergeRepository } from "./merge.repository.ts";

export interface MergeServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly methods: SignInMethodRepository;
  readonly devices: DeviceRepository;
  readonly persons: PersonRepository;
  readonly merges: MergeRepository;
  readonly exports: ExportService;
  readonly sessions: SessionService;
  readonly authEvents: AuthEventRepository;
  readonly feed: Feed;
  readonly idempotency: Idempotency;
  readonly rateLimiter: RateLimiter;
  /** In the order in which everybody locks things: jobs first. */
  readonly personalData: readonly PersonalData[];
  readonly secretKey: string;
  readonly loginsPerMinute: number;
  readonly failedLoginsPerAccount: number;
}

/** What shows that a guest is the caller's. */
export interface GuestProof {
  readonly deviceId: string;
  readonly deviceSecret: string;
  readonly idempotencyKey: string | null;
}

/** Undoes the transaction of a merge that cannot be. */
class CannotMerge extends Error {
  constructor(readonly code: IdentityProblemCode) {
    super(code);
  }
}

/**
 * Makes everything of a guest an account's: the balances with what is held, jobs that run included, uploads, addresses, what was
 * used of limits. It is one transaction, so nobody sees half of it. The guest's device signs the account in from then on.
 */
export class MergeService {
  private readonly perCaller: RateLimit;
  private readonly perDevice: RateLimit;

  constructor(private readonly deps: MergeServiceDeps) {
    // The limits of signing in: a secret cannot be guessed here more often than there.
    this.perCaller = { name: "login", points: deps.loginsPerMinute, windowSeconds: 60 };
    const points = deps.failedLoginsPerAccount;
    this.perDevice = { name: "login_account", points, windowSeconds: 900 };
  }

  /**
   * Merges the guest of a device into the caller's account. Again for the same guest it answers the same report.
   * Refuses with INVALID_CREDENTIALS, ACCOUNT_REQUIRED, SAME_ACCOUNT and NOT_A_GUEST.
   * @throws RATE_LIMITED like a sign-in by device.
   */
  async merge(user: SignedIn, proof: GuestProof, caller: Caller): Promise<MergedThings[]> {
    const { uow, idempotency, authEvents } = this.deps;
    const { userId } = user;
    Idempotency.checkKey(proof.idempotencyKey);
    checkDevice(proof);
    const { deviceId, idempotencyKey: key } = proof;
    const call: IdempotentCall = { userId, key, operation: "mergeGuest", input: { deviceId } };
    const earlier = await idempotency.find<MergedThings[]>(call);
    if (earlier) return earlier;
    const subjectHash = signInSubject(this.deps.secretKey, deviceId);
    const event = { action: "MERGE_GUEST", userId, subjectHash, caller } as const;
    const device = await this.recognise(proof, event);
    try {
      return await uow.run((tx) =>
        idempotency.once(tx, call, async () => {
          const merged = await this.mergeOnce(tx, userId, device);
          await authEvents.add(tx, { ...event, outcome: "OK" });
          return merged;
        }),
      );
    } catch (error) {
      if (error instanceof CannotMerge) return this.refuse(event, error.code);
      throw error;
    }
  }

  /** The device, if the secret is right. Every try counts. */
  private async recognise(proof: GuestProof, event: Omit<AuthEvent, "outcome">): Promise<Device> {
    const { rateLimiter, devices, secretKey } = this.deps;
    const subject = event.subjectHash ?? "";
    await rateLimiter.consume(this.perCaller, event.caller.ip);
    await rateLimiter.consume(this.perDevice, subject);
    const device = await devices.find(proof.deviceId);
    const shown = deviceSecretHash(secretKey, proof.deviceSecret);
    const right = equalInConstantTime(device?.secretHash ?? "", shown);
    if (!device || !right) return this.refuse(event, "INVALID_CREDENTIALS");
    await rateLimiter.reset(this.perDevice, subject);
    return device;
  }

  private async mergeOnce(tx: Tx, userId: string, known: Device): Promise<MergedThings[]> {
    const { users, devices, merges } = this.deps;
    const [first, second] = [known.userId, userId].sort() as [string, string];
    // Of two merges at once the second sees what the first has done.
    const locked = [await users.lock(tx, first), await users.lock(tx, second)];
    const account = locked.find((row) => row?.id === userId);
    if (!account?.isActive) throw unauthenticated("SESSION_ENDED");
    const guestId = await devices.ownerOf(tx, known.id);
    if (guestId === userId) {
      const report = await merges.reportOf(tx, userId, known.id);
      if (report) return report;
      throw new CannotMerge("SAME_ACCOUNT");
    }
    const guest = locked.find((row) => row?.id === guestId);
    if (!guest?.isActive || !(await this.isGuest(tx, guest.id))) {
      throw new CannotMerge("NOT_A_GUEST");
    }
    if (await this.isGuest(tx, userId)) throw new CannotMerge("ACCOUNT_REQUIRED");
    const merged = await this.move(tx, { fromUserId: guest.id, toUserId: userId });
    await merges.add(tx, { guestId: guest.id, userId, deviceId: known.id, merged });
    return merged;
  }

  private async move(
    tx: Tx,
    move: { readonly fromUserId: string; readonly toUserId: string },
  ): Promise<MergedThings[]> {
    const { sessions, persons, feed, exports, personalData } = this.deps;
    const { fromUserId, toUserId } = move;
    for (const data of personalData) await data.lock?.(tx, fromUserId);
    // From here on whoever is not done yet finds the guest gone, and who is done can be seen.
    await feed.close(tx, fromUserId);
    await exports.cancelAll(tx, fromUserId);
    await sessions.endAllOf(tx, { userId: fromUserId, except: null, reason: "MERGED" });
    const merged: MergedThings[] = [];
    for (const data of personalData) {
      const counts = await data.merge(tx, move);
      merged.push(...Object.entries(counts).map(([name, count]) => ({ name, count })));
    }
    await persons.closeMerged(tx, fromUserId, toUserId);
    return merged.filter(({ count }) => count > 0);
  }

  private async isGuest(tx: Tx, userId: string): Promise<boolean> {
    const { methods } = await this.deps.methods.findLocked(tx, userId);
    return methods.every((method) => method === "DEVICE");
  }

  private async refuse(
    event: Omit<AuthEvent, "outcome">,
    code: IdentityProblemCode,
  ): Promise<never> {
    await this.deps.uow.run((tx) => this.deps.authEvents.add(tx, { ...event, outcome: code }));
    return refuseWith(code);
  }
}
