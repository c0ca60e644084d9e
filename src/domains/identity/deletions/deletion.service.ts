import { z } from "zod";
import type { Clock } from "../../../platform/clock/clock.ts";
import { SealedText } from "../../../platform/crypto/sealed-text.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import { notFound, unauthenticated } from "../../../platform/graphql/errors.ts";
import { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import type { JobRepository } from "../../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import type { AuthEventRepository } from "../accounts/auth-event.repository.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { PersonRepository } from "../person.repository.ts";
import type { PhoneCodes } from "../phones/phone-codes.ts";
import type { OwnerProof, ShownProof } from "../sessions/owner-proof.ts";
import type { SessionService } from "../sessions/session.service.ts";

/** Kind of the jobs that erase people. */
export const ACCOUNT_DELETION = "ACCOUNT_DELETION";

export interface DeletionServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly persons: PersonRepository;
  readonly ownerProof: OwnerProof;
  readonly codes: PhoneCodes;
  readonly sessions: SessionService;
  readonly authEvents: AuthEventRepository;
  readonly feed: Feed;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly idempotency: Idempotency;
  readonly clock: Clock;
  readonly secretKey: string;
}

/** What shows that the owner asks: the password, or a code that was sent to the phone. */
export interface DeletionWish {
  readonly password: string | null;
  readonly code: string | null;
  readonly idempotencyKey: string | null;
}

/** Where the person could be reached. The job needs it to erase what is found by it, and to say that it is done. */
export const contactSchema = z.object({
  email: z.string().nullable(),
  phone: z.string().nullable(),
  language: z.enum(["EN", "KH"]),
});
export type Contact = z.infer<typeof contactSchema>;

/** Seals what a deletion still has to know; nobody else can read it in the job's row. */
export const contactSeal = (secretKey: string): SealedText =>
  new SealedText(secretKey, "account deletion");

type Asker = SignedIn & { readonly caller: Caller };

/** Closes accounts at once, and has everything personal erased by a job. */
export class DeletionService {
  private readonly seal: SealedText;

  constructor(private readonly deps: DeletionServiceDeps) {
    this.seal = contactSeal(deps.secretKey);
  }

  /**
   * Closes the caller's account: all sessions end, nothing signs it in any more, its address and phone are free. The owner is
   * asked for once more: by the password or a code to the phone, without either by a sign-in of the last ten minutes.
   * Refuses with PASSWORD_REQUIRED, INVALID_CREDENTIALS, SIGN_IN_AGAIN and the problems of codes.
   * @throws RATE_LIMITED after too many wrong passwords.
   */
  async start(user: SignedIn, wish: DeletionWish, caller: Caller): Promise<Job> {
    const { uow, idempotency, ownerProof } = this.deps;
    const { userId } = user;
    Idempotency.checkKey(wish.idempotencyKey);
    const asker = { ...user, caller };
    const proof = wish.code === null ? await ownerProof.check(user, wish.password) : null;
    const call = { userId, key: wish.idempotencyKey, operation: "deleteMyAccount", input: {} };
    const started = await uow.run(async (tx) => {
      const row = await this.deps.users.lock(tx, userId);
      if (!row?.isActive) throw unauthenticated("SESSION_ENDED");
      const refused = await this.refusalOf(tx, row, wish, proof);
      if (refused === null) return idempotency.once(tx, call, () => this.close(tx, row, asker));
      await this.audit(tx, asker, refused);
      return refused;
    });
    if (typeof started === "string") {
      return refuseWith(started, ["input", wish.code === null ? "password" : "code"]);
    }
    const [job] = await this.deps.jobRepository.byIds([started.id]);
    if (!job) throw notFound("The deletion");
    return job;
  }

  private async refusalOf(
    tx: Tx,
    user: User,
    { code }: DeletionWish,
    proof: ShownProof | null,
  ): Promise<IdentityProblemCode | null> {
    if (proof !== null) return proof.refused ?? null;
    if (code === null || user.phone === null || user.phoneVerifiedAt === null) {
      return "CODE_INVALID";
    }
    const purposes = ["SIGN_IN"] as const;
    const used = await this.deps.codes.use(tx, { phone: user.phone, code, purposes });
    return typeof used === "string" ? used : null;
  }

  private async close(tx: Tx, user: User, asker: Asker): Promise<{ id: string }> {
    const { jobs, feed, sessions, persons, clock } = this.deps;
    const { id: userId, email, phone, language } = user;
    const contact = this.seal.seal(JSON.stringify({ email, phone, language } satisfies Contact));
    const id = jobs.newId(ACCOUNT_DELETION);
    await jobs.start(tx, { id, userId, kind: ACCOUNT_DELETION, input: { contact } });
    await feed.close(tx, userId);
    await sessions.endAllOf(tx, { userId, except: null, reason: "ACCOUNT_DELETED" });
    await persons.closeDeleted(tx, userId, clock.now());
    await this.audit(tx, asker, "OK");
    return { id };
  }

  private audit(tx: Tx, { userId, caller }: Asker, outcome: string): Promise<void> {
    return this.deps.authEvents.add(tx, { action: "DELETE_ACCOUNT", outcome, userId, caller });
  }
}
