import type { Db } from "mongodb";
import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import { registerOwnedNode } from "../../platform/graphql/node.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import type { JobKind, JobRemains } from "../../platform/jobs/job-kind.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { CatalogService } from "../catalog/index.ts";
import {
  RecommendedProductResolver,
  SkinAnalysisResolver,
  SkinAnalysisResultResolver,
} from "./analysis-fields.resolver.ts";
import { analysisInputSchema, selfieKey, type AnalysisInput } from "./analysis.input.ts";
import { AnalysisPipeline } from "./analysis.pipeline.ts";
import { AnalysisReadings } from "./analysis-readings.ts";
import { createAnalysesLoaders } from "./analyses.loaders.ts";
import type { FeedbackWriter, ProductFinder, SkinAnalyzer } from "./analyses.ports.ts";
import { createAnalysesPersonalData } from "./analyses.personal-data.ts";
import { AnalysesRepository } from "./analyses.repository.ts";
import { AnalysesResolver } from "./analyses.resolver.ts";
import { AnalysesService, SKIN_ANALYSIS, type AnalysesDependencies } from "./analyses.service.ts";
import { FindingsService } from "./findings.service.ts";
import { ProgressService } from "./progress.service.ts";
import { RecentAnalyses } from "./recent-analyses.ts";

const MAX_ATTEMPTS = 4;

export interface AnalysesModuleDependencies extends AnalysesDependencies {
  readonly database: Database;
  readonly mongo: Db;
  readonly jobDeletions: JobDeletions;
  readonly blobs: BlobStore;
  readonly log: Logger;
  readonly catalog: CatalogService;
  readonly analyzer: SkinAnalyzer;
  readonly writer: FeedbackWriter;
  readonly finder: ProductFinder;
  readonly events: DomainEvents;
  readonly clock: Clock;
  readonly hashUser: (userId: string) => string;
  readonly deadlineMs: number;
}

/** Skin analyses, put together. */
export interface AnalysesModule extends DomainModule {
  /** What analyses found, for those who choose products by it. */
  readonly findings: FindingsService;
  /** What analyses measured, for other domains. */
  readonly readings: AnalysisReadings;
  /** The latest of a user, for other domains. */
  readonly recent: RecentAnalyses;
  ensureIndexes(): Promise<void>;
}

/** Puts skin analyses together. */
export function createAnalysesModule(dependencies: AnalysesModuleDependencies): AnalysesModule {
  const { database, mongo, blobs, jobRepository } = dependencies;
  const repository = new AnalysesRepository(database, mongo);
  const analyses = new AnalysesService(dependencies);
  const progress = new ProgressService({ repository, jobRepository, analyses });
  const pipeline = new AnalysisPipeline({ ...dependencies, repository });
  registerAnalysisNodes();
  return {
    findings: new FindingsService({ repository, jobRepository }),
    resolvers: [
      new AnalysesResolver(analyses, progress, dependencies.jobDeletions),
      new SkinAnalysisResolver(blobs),
      new SkinAnalysisResultResolver(blobs),
      new RecommendedProductResolver(),
    ],
    loaders: () => createAnalysesLoaders(repository),
    personalData: createAnalysesPersonalData(repository),
    jobKinds: [analysisKind(dependencies, { analyses, pipeline, repository })],
    readings: new AnalysisReadings(analyses, repository),
    recent: new RecentAnalyses({ repository, jobRepository }),
    ensureIndexes: () => repository.ensureIndexes(),
  };
}

function analysisKind(
  { quotas, deadlineMs }: AnalysesModuleDependencies,
  parts: {
    readonly analyses: AnalysesService;
    readonly pipeline: AnalysisPipeline;
    readonly repository: AnalysesRepository;
  },
): JobKind<AnalysisInput> {
  const { analyses, pipeline, repository } = parts;
  return {
    kind: SKIN_ANALYSIS,
    idPrefix: "ana",
    deadlineMs,
    maxAttempts: MAX_ATTEMPTS,
    parseInput: (input) => analysisInputSchema.parse(input),
    run: (job) => pipeline.run(job),
    remains: remainsOf(repository),
    startAgain: (job, idempotencyKey) => analyses.startAgain(job, idempotencyKey),
    onUnsuccessful: async (tx, job, outcome) => {
      // Work that a provider was paid for is not given back to somebody who then cancels it.
      if (outcome === "CANCELED" && job.providerSession !== null) return;
      await quotas.giveBack(tx, job.userId, analysisInputSchema.parse(job.input).quota);
    },
  };
}

const remainsOf = (repository: AnalysesRepository): JobRemains => ({
  files: async ({ id }) => {
    const document = (await repository.byIds([id]))[0];
    return [selfieKey(id), ...(document?.annotations ?? []).map(({ key }) => key)];
  },
  forget: (id) => repository.removeDocument(id),
});

function registerAnalysisNodes(): void {
  registerOwnedNode("ana", "SkinAnalysis", (loaders) => loaders.job);
}
