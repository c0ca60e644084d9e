import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import type { Language } from "../../platform/graphql/context.ts";
import { badUserInput } from "../../platform/graphql/errors.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { QuotaService } from "../billing/index.ts";
import type { SkinConcern } from "../catalog/index.ts";
import type { PictureJobs } from "../identity/index.ts";
import type { AnalysisFocus } from "./analyses.vocabulary.ts";
import { analysisInputSchema, selfieKey, type AnalysisInput } from "./analysis.input.ts";

export const SKIN_ANALYSIS = "SKIN_ANALYSIS";
const MAX_NOTES = 1_000;
const MAX_CONCERNS = 10;

/** What a user asks for. */
export interface AnalysisWish {
  readonly uploadId: string;
  readonly focus: AnalysisFocus;
  readonly concerns: readonly SkinConcern[];
  readonly notes: string | null;
  readonly idempotencyKey: string | null;
}

/** Who asks. */
export interface Asker {
  readonly userId: string;
  readonly ip: string;
  readonly language: Language;
}

export interface AnalysesDependencies {
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly quotas: QuotaService;
  readonly pictureJobs: PictureJobs;
}

/** Starts and lists skin analyses. */
export class AnalysesService {
  constructor(private readonly dependencies: AnalysesDependencies) {}

  /**
   * Counts the quota, takes the upload and queues the work in one transaction.
   * Refuses with the problems of uploads and with QUOTA_EXCEEDED; a refusal changes nothing.
   */
  async start(asker: Asker, wish: AnalysisWish): Promise<Job> {
    checkWish(wish);
    const { idempotencyKey, ...input } = wish;
    const { userId, ip, language } = asker;
    return this.dependencies.pictureJobs.start({
      userId,
      ip,
      kind: SKIN_ANALYSIS,
      operation: "analyzeSkin",
      idempotencyKey,
      uploadId: input.uploadId,
      purpose: "SELFIE",
      wish: input,
      charge: (tx) =>
        this.charged(tx, userId, {
          ...input,
          concerns: [...wish.concerns],
          language,
          sourceKey: null,
        }),
    });
  }

  /** Does a failed or canceled analysis again, with the same picture and a new count of the quota. */
  startAgain(job: Job, idempotencyKey: string | null): Promise<Job> {
    const input = analysisInputSchema.omit({ quota: true }).parse(job.input);
    return this.dependencies.pictureJobs.startAgain(job, idempotencyKey, {
      input,
      keyOf: selfieKey,
      charge: (tx, _jobId, sourceKey) => this.charged(tx, job.userId, { ...input, sourceKey }),
    });
  }

  /** A page of the user's analyses, newest first. */
  page(userId: string, page: PageRequest): Promise<Job[]> {
    return this.dependencies.jobRepository.pageOfUser(userId, { kinds: [SKIN_ANALYSIS] }, page);
  }

  /** The analysis if it is this user's, else null. */
  async find(userId: string, id: string): Promise<Job | null> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    return job?.kind === SKIN_ANALYSIS ? job : null;
  }

  private async charged(
    tx: Tx,
    userId: string,
    input: Omit<AnalysisInput, "quota">,
  ): Promise<AnalysisInput> {
    return { ...input, quota: await this.dependencies.quotas.take(tx, userId, "SKIN_ANALYSES") };
  }
}

function checkWish(wish: AnalysisWish): void {
  if (wish.notes !== null && wish.notes.length > MAX_NOTES) {
    throw badUserInput(`Notes have at most ${MAX_NOTES} characters.`, ["input", "notes"]);
  }
  if (wish.concerns.length > MAX_CONCERNS) {
    throw badUserInput(`Name at most ${MAX_CONCERNS} concerns.`, ["input", "concerns"]);
  }
}
