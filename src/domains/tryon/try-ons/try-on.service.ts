import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { badUserInput, notFound } from "../../../platform/graphql/errors.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import { isId } from "../../../platform/ids/ids.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import type { JobRepository } from "../../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import type { PictureJobs } from "../../identity/index.ts";
import type { HoldService } from "../../wallet/index.ts";
import type { HairstyleRow } from "../hairstyles/hairstyle.repository.ts";
import type { HairstyleService } from "../hairstyles/hairstyle.service.ts";
import { sourceKeyOf, tryOnInputSchema, type TryOnInput } from "./try-on.input.ts";
import type { TryOnRepository } from "./try-on.repository.ts";
import { CREDITS_PER_VIEW, HAIR_TRY_ON, type HairView } from "./try-on.vocabulary.ts";

/** Longer than any job waits and runs. Until it was released by then, a hold can still be captured. */
const HOLD_MS = 48 * 3_600_000;
const CANCELED = {
  code: "CANCELED",
  message: "The try-on was canceled before this view was there.",
  canRetry: true,
};

/** What a user asks for. */
export interface TryOnWish {
  readonly uploadId: string | null;
  readonly imageUrl: string | null;
  readonly hairstyleId: string;
  readonly views: readonly HairView[];
  readonly idempotencyKey: string | null;
}

export interface TryOnDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly repository: TryOnRepository;
  readonly styles: HairstyleService;
  readonly pictureJobs: PictureJobs;
  readonly holds: Pick<HoldService, "hold" | "capture" | "release">;
  readonly clock: Clock;
}

/** Starts and lists try-ons, and settles what they cost: a credit for each view that was delivered, however the job ended. */
export class TryOnService {
  constructor(private readonly dependencies: TryOnDependencies) {}

  /**
   * Holds the credits, takes the upload and queues the work, in one transaction. Refuses with HAIRSTYLE_NOT_FOUND, the problems of
   * uploads and of URLs, and NotEnoughCredits; a refusal changes nothing.
   * @throws BAD_USER_INPUT
   */
  async start(caller: { userId: string; ip: string }, wish: TryOnWish): Promise<Job> {
    const { idempotencyKey, ...input } = wish;
    checkWish(wish);
    const style = await this.offered(wish.hairstyleId, ["input", "hairstyleId"]);
    return this.dependencies.pictureJobs.start({
      ...caller,
      kind: HAIR_TRY_ON,
      operation: "createHairTryOn",
      idempotencyKey,
      uploadId: wish.uploadId,
      imageUrl: wish.imageUrl,
      purpose: "TRY_ON_SOURCE",
      wish: input,
      charge: (tx, jobId) =>
        this.charged(tx, caller.userId, jobId, {
          uploadId: wish.uploadId,
          imageUrl: wish.imageUrl,
          hairstyleId: style.id,
          views: [...wish.views],
          sourceKey: null,
        }),
    });
  }

  /** Does a failed or canceled try-on again, with the same picture and a hold of its own. */
  async startAgain(job: Job, idempotencyKey: string | null): Promise<Job> {
    const input = tryOnInputSchema.parse(job.input);
    await this.offered(input.hairstyleId, ["input", "id"]);
    return this.dependencies.pictureJobs.startAgain(job, idempotencyKey, {
      input,
      keyOf: sourceKeyOf,
      charge: (tx, jobId, sourceKey) =>
        this.charged(tx, job.userId, jobId, { ...input, sourceKey }),
    });
  }

  /** Spends a credit for each view that is there, and makes the others available again. In the transaction that ends the job. */
  async settle(tx: Tx, jobId: string): Promise<void> {
    const { repository, holds } = this.dependencies;
    const reference = { type: HAIR_TRY_ON, id: jobId };
    const amount = (await repository.delivered(tx, jobId)) * CREDITS_PER_VIEW;
    const hold =
      amount > 0
        ? await holds.capture(tx, { reference, amount })
        : await holds.release(tx, reference);
    await repository.settle(tx, jobId, hold.captured);
  }

  /** Settles a try-on that failed or was canceled: what was delivered until then stays with the user, and is paid. */
  async settleUnsuccessful(tx: Tx, job: Job): Promise<void> {
    const { failureCode: code, failureMessage: message, failureCanRetry } = job;
    const failure =
      code === null
        ? CANCELED
        : { code, message: message ?? "", canRetry: failureCanRetry ?? false };
    await this.dependencies.repository.failPending(tx, job.id, failure);
    await this.settle(tx, job.id);
  }

  /** A page of the user's try-ons, newest first. */
  async page(userId: string, onlyFavourites: boolean, page: PageRequest): Promise<Job[]> {
    const { jobRepository, repository } = this.dependencies;
    if (!onlyFavourites) return jobRepository.pageOfUser(userId, { kinds: [HAIR_TRY_ON] }, page);
    const beyond = page.beyond?.[0] ?? null;
    const from = beyond === null ? null : String(beyond);
    const ids = await repository.favouriteIds(userId, { ...page, from });
    const jobs = new Map((await jobRepository.byIds(ids)).map((job) => [job.id, job]));
    return ids.flatMap((id) => jobs.get(id) ?? []);
  }

  /** The try-on if it is this user's, else null. */
  async find(userId: string, id: string): Promise<Job | null> {
    if (!isId(id, "hto")) return null;
    return this.dependencies.jobs.ownedBy(userId, id);
  }

  /** Puts a try-on among the favourites, or takes it out; the user's other devices are told. @throws NOT_FOUND */
  setFavourite(userId: string, id: string, isFavourite: boolean): Promise<Job> {
    const { unitOfWork, jobs, jobRepository, repository } = this.dependencies;
    return unitOfWork.run(async (tx) => {
      const known = isId(id, "hto") ? await jobRepository.lockOwned(tx, userId, id) : null;
      if (!known) throw notFound("The try-on");
      if (!(await repository.setFavourite(tx, id, isFavourite))) return known;
      const changed = { ...known, version: known.version + 1 };
      await jobs.moved(tx, changed);
      return changed;
    });
  }

  private async offered(id: string, path: readonly string[]): Promise<HairstyleRow> {
    const style = await this.dependencies.styles.offered(id);
    if (!style) refuse(problem("HAIRSTYLE_NOT_FOUND", "There is no such hairstyle.", path));
    return style;
  }

  private async charged(
    tx: Tx,
    userId: string,
    jobId: string,
    input: TryOnInput,
  ): Promise<TryOnInput> {
    const { holds, repository, clock } = this.dependencies;
    const amount = input.views.length * CREDITS_PER_VIEW;
    await holds.hold(tx, {
      userId,
      currency: "CREDITS",
      amount,
      reference: { type: HAIR_TRY_ON, id: jobId },
      key: `${jobId}:hold`,
      expiresAt: new Date(clock.now().getTime() + HOLD_MS),
    });
    const { hairstyleId, views } = input;
    await repository.add(tx, { id: jobId, hairstyleId, creditsHeld: amount, views });
    return input;
  }
}

function checkWish({ uploadId, imageUrl, views }: TryOnWish): void {
  if ((uploadId === null) === (imageUrl === null)) {
    throw badUserInput("Give either uploadId or inputImageUrl.", ["input", "uploadId"]);
  }
  if (imageUrl !== null && imageUrl.length > 2_000) {
    throw badUserInput("The URL is too long.", ["input", "inputImageUrl"]);
  }
  if (views.length === 0 || views.length > 4 || new Set(views).size < views.length) {
    throw badUserInput("Ask for one to four different views.", ["input", "views"]);
  }
}
