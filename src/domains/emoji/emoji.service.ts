import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import { problem, refuse } from "../../platform/graphql/problems.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { PROVIDER_CODES } from "../../platform/resilience/provider-error.ts";
import type { PictureJobs } from "../identity/index.ts";
import type { WalletService } from "../wallet/index.ts";
import { chargeKey, emojiInputSchema, sourcePictureKey, type EmojiInput } from "./emoji.input.ts";
import type { StickerMaker } from "./emoji.ports.ts";
import { templateById } from "./emoji.templates.ts";

export const EMOJI_TASK = "EMOJI_TASK";
const TOO_LATE = "DEADLINE_EXCEEDED";

/** What a user asks for. */
export interface EmojiWish {
  readonly uploadId: string;
  readonly templateId: string;
  readonly idempotencyKey: string | null;
}

export interface EmojiDependencies {
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly pictureJobs: PictureJobs;
  readonly wallets: Pick<WalletService, "spend" | "refund">;
  readonly maker: Pick<StickerMaker, "mayHaveBegun">;
  /** What a task costs, and whether a failed one gives that back, as it is now. */
  readonly terms: () => { readonly pricePoints: number; readonly refundOnFailure: boolean };
}

/** Starts and lists emoji tasks, and settles what they cost. */
export class EmojiService {
  constructor(private readonly dependencies: EmojiDependencies) {}

  /**
   * Takes the points and the upload, and queues the work, in one transaction.
   * Refuses with TEMPLATE_NOT_FOUND, the problems of uploads and NotEnoughPoints; a refusal changes nothing.
   */
  async start(caller: { userId: string; ip: string }, wish: EmojiWish): Promise<Job> {
    const { idempotencyKey, ...input } = wish;
    const template = templateById(wish.templateId);
    if (!template) {
      refuse(problem("TEMPLATE_NOT_FOUND", "There is no such template.", ["input", "templateId"]));
    }
    return this.dependencies.pictureJobs.start({
      ...caller,
      kind: EMOJI_TASK,
      operation: "createEmojiTask",
      idempotencyKey,
      uploadId: wish.uploadId,
      purpose: "EMOJI_SOURCE",
      wish: input,
      charge: (tx, jobId) =>
        this.charged(tx, caller.userId, jobId, {
          uploadId: wish.uploadId,
          template: template.name,
          sourceKey: null,
        }),
    });
  }

  /** Does a failed or canceled task again, with the same picture and a charge of its own. */
  startAgain(job: Job, idempotencyKey: string | null): Promise<Job> {
    const input = emojiInputSchema.parse(job.input);
    return this.dependencies.pictureJobs.startAgain(job, idempotencyKey, {
      input,
      keyOf: sourcePictureKey,
      charge: (tx, jobId, sourceKey) =>
        this.charged(tx, job.userId, jobId, { ...input, sourceKey }),
    });
  }

  /**
   * Settles a task that ended without a sticker: points come back where the terms say so, and always where nobody
   * knows whether the provider did the work, or where the task's turn did not come in time.
   */
  async settle(tx: Tx, job: Job): Promise<void> {
    const { terms, wallets, maker } = this.dependencies;
    const { points } = emojiInputSchema.parse(job.input);
    const isLost = job.failureCode === PROVIDER_CODES.answerLost;
    const isTooLate = job.failureCode === TOO_LATE && !maker.mayHaveBegun(job.providerSession);
    if (points === 0 || !(terms().refundOnFailure || isLost || isTooLate)) return;
    await wallets.refund(tx, { entryKey: chargeKey(job.id), key: `${chargeKey(job.id)}:refund` });
  }

  /** A page of the user's tasks, newest first. */
  page(userId: string, page: PageRequest): Promise<Job[]> {
    return this.dependencies.jobRepository.pageOfUser(userId, { kinds: [EMOJI_TASK] }, page);
  }

  /** The task if it is this user's, else null. */
  async find(userId: string, id: string): Promise<Job | null> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    return job?.kind === EMOJI_TASK ? job : null;
  }

  private async charged(
    tx: Tx,
    userId: string,
    jobId: string,
    input: Omit<EmojiInput, "points">,
  ): Promise<EmojiInput> {
    const points = this.dependencies.terms().pricePoints;
    if (points > 0) {
      await this.dependencies.wallets.spend(tx, {
        userId,
        currency: "POINTS",
        amount: points,
        reference: { type: EMOJI_TASK, id: jobId },
        key: chargeKey(jobId),
      });
    }
    return { ...input, points };
  }
}
