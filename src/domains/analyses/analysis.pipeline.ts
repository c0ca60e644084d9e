import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import { failureOf } from "../../platform/jobs/failures.ts";
import type { RunningJob } from "../../platform/jobs/job-kind.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";
import type { CatalogService } from "../catalog/index.ts";
import type { PictureJobs } from "../identity/index.ts";
import { analysisFinished } from "./analyses.events.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import type { FeedbackWriter, ProductFinder, SkinAnalyzer, SkinReading } from "./analyses.ports.ts";
import type { AnalysisPart } from "./analyses.vocabulary.ts";
import {
  DOCUMENT_VERSION,
  type AnalysisDocument,
  type AnalysisWarning,
  type StoredAnnotation,
} from "./analysis.document.ts";
import { annotationKey, selfieKey, type AnalysisInput } from "./analysis.input.ts";
import { recommend } from "./analysis.recommendations.ts";

/** Where the bar stands when a stage begins, in percent. */
const PROGRESS = { VALIDATING: 2, ANALYZING: 10, FEEDBACK: 60, RECOMMENDING: 78, SAVING: 95 };

export interface PipelineDependencies {
  readonly repository: AnalysesRepository;
  readonly pictureJobs: PictureJobs;
  readonly blobs: BlobStore;
  readonly catalog: CatalogService;
  readonly analyzer: SkinAnalyzer;
  readonly writer: FeedbackWriter;
  readonly finder: ProductFinder;
  readonly events: DomainEvents;
  readonly clock: Clock;
  readonly log: Logger;
  /** A pseudonym that providers may see instead of the user's id. */
  readonly hashUser: (userId: string) => string;
}

type AnalysisJob = RunningJob<AnalysisInput>;

/** The work of one analysis, stage by stage. Each paid result is stored before the next stage begins. */
export class AnalysisPipeline {
  constructor(private readonly dependencies: PipelineDependencies) {}

  async run(job: AnalysisJob): Promise<void> {
    await job.enterStage("VALIDATING", PROGRESS.VALIDATING);
    const { uploadId, sourceKey } = job.input;
    const key = selfieKey(job.id);
    const image = await this.dependencies.pictureJobs.picture(job, { key, sourceKey, uploadId });
    let draft = await this.draftOf(job);
    await job.enterStage("ANALYZING", PROGRESS.ANALYZING);
    if (!draft.reading) draft = await this.analyze(job, draft, image);
    await job.enterStage("FEEDBACK", PROGRESS.FEEDBACK);
    if (!draft.feedback) draft = await this.writeFeedback(job, draft);
    await job.enterStage("RECOMMENDING", PROGRESS.RECOMMENDING);
    draft = await this.recommend(job, draft);
    await job.enterStage("SAVING", PROGRESS.SAVING);
    await this.dependencies.repository.saveDraft(draft);
    const { metrics } = readingOf(draft);
    await job.succeed(async (tx) => {
      // A guest's analysis may have become an account's while it ran.
      const userId = await this.dependencies.repository.ownerOf(tx, job.id);
      const facts = { userId, analysisId: job.id, metrics };
      await this.dependencies.events.emit(tx, analysisFinished, facts);
    });
  }

  private async draftOf(job: AnalysisJob): Promise<AnalysisDocument> {
    const { repository, clock } = this.dependencies;
    const stored = (await repository.byIds([job.id]))[0];
    return (
      stored ?? {
        _id: job.id,
        userId: job.userId,
        documentVersion: DOCUMENT_VERSION,
        createdAt: clock.now(),
        selfieKey: selfieKey(job.id),
        reading: null,
        annotations: [],
        feedback: null,
        recommendedProducts: null,
        webFinds: null,
        warnings: [],
      }
    );
  }

  private async analyze(
    job: AnalysisJob,
    draft: AnalysisDocument,
    image: Uint8Array,
  ): Promise<AnalysisDocument> {
    const { analyzer, repository } = this.dependencies;
    const span = PROGRESS.FEEDBACK - PROGRESS.ANALYZING;
    const { annotations, ...reading } = await analyzer.analyze({
      image,
      focus: job.input.focus,
      session: job.providerSession,
      saveSession: (session) => job.saveProviderSession(session),
      onProgress: (fraction) => {
        job.reportProgress(PROGRESS.ANALYZING + fraction * span);
      },
      signal: job.signal,
    });
    const stored = await this.optional(job, "ANNOTATIONS", () =>
      this.storeAnnotations(job, annotations),
    );
    const next = {
      ...draft,
      reading,
      annotations: stored.value ?? [],
      warnings: [...draft.warnings, ...stored.warnings],
    };
    await repository.saveDraft(next);
    return next;
  }

  private async storeAnnotations(
    job: AnalysisJob,
    annotations: SkinReading["annotations"],
  ): Promise<StoredAnnotation[]> {
    return Promise.all(
      annotations.map(async ({ concern, image, contentType }) => {
        const key = annotationKey(job.id, concern);
        await this.dependencies.blobs.write(key, image, contentType);
        return { concern, key };
      }),
    );
  }

  private async writeFeedback(
    job: AnalysisJob,
    draft: AnalysisDocument,
  ): Promise<AnalysisDocument> {
    const { repository, writer, hashUser } = this.dependencies;
    const reading = readingOf(draft);
    const feedback = await this.optional(job, "FEEDBACK", async () => {
      const previousId = await repository.previousOf(job);
      const previous = previousId === null ? null : (await repository.byIds([previousId]))[0];
      return writer.write({
        reading: { ...reading, annotations: [] },
        previous: previous?.reading ? { metrics: previous.reading.metrics } : null,
        notes: job.input.notes,
        concerns: job.input.concerns,
        language: job.input.language,
        userHash: hashUser(job.userId),
        signal: job.signal,
      });
    });
    const warnings = [...without(draft.warnings, "FEEDBACK"), ...feedback.warnings];
    const next = { ...draft, feedback: feedback.value, warnings };
    await repository.saveDraft(next);
    return next;
  }

  private async recommend(job: AnalysisJob, draft: AnalysisDocument): Promise<AnalysisDocument> {
    const { catalog, finder } = this.dependencies;
    const reading = readingOf(draft);
    const concerns = reading.concerns.map(({ concern }) => concern);
    const [products, web] = await Promise.all([
      this.optional(job, "RECOMMENDED_PRODUCTS", () =>
        recommend(catalog, reading, job.input, draft.feedback),
      ),
      this.optional(job, "WEB_FINDS", async () => {
        const found = await finder.find({
          skinType: reading.skinType?.type ?? null,
          concerns: concerns.length > 0 ? concerns : job.input.concerns,
          language: job.input.language,
          signal: job.signal,
        });
        if (found.finds.length === 0) throw new NothingFound(found.reason ?? "No search was made.");
        return found.finds;
      }),
    ]);
    const kept = without(without(draft.warnings, "RECOMMENDED_PRODUCTS"), "WEB_FINDS");
    return {
      ...draft,
      recommendedProducts: products.value,
      webFinds: web.value,
      warnings: [...kept, ...products.warnings, ...web.warnings],
    };
  }

  /** Does a part that the analysis can do without: its failure becomes a warning. */
  private async optional<T>(
    job: AnalysisJob,
    part: AnalysisPart,
    work: () => Promise<T>,
  ): Promise<{ value: T | null; warnings: AnalysisWarning[] }> {
    try {
      return { value: await work(), warnings: [] };
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof NothingFound)) {
        const level = error instanceof ProviderError ? "warn" : "error";
        this.dependencies.log[level]({ err: error, jobId: job.id, part }, "a part is missing");
      }
      return { value: null, warnings: [warningOf(part, error)] };
    }
  }
}

/** The search worked and had no result. */
class NothingFound extends Error {}

function warningOf(part: AnalysisPart, error: unknown): AnalysisWarning {
  if (error instanceof ProviderError) {
    const { code, message } = failureOf(error);
    return { part, code, message };
  }
  if (error instanceof NothingFound) return { part, code: "NOTHING_FOUND", message: error.message };
  return { part, code: "UNAVAILABLE", message: "This part is not available now." };
}

const without = (warnings: readonly AnalysisWarning[], part: AnalysisPart): AnalysisWarning[] =>
  warnings.filter((warning) => warning.part !== part);

function readingOf(draft: AnalysisDocument): Omit<SkinReading, "annotations"> {
  if (!draft.reading) throw new Error("The analysis has no reading yet.");
  return draft.reading;
}
