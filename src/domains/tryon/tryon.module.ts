import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import { publicImagePath, publicImageRoutes } from "../../platform/blobs/public-images.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import { registerNodeSource, registerOwnedNode } from "../../platform/graphql/node.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import type { JobKind } from "../../platform/jobs/job-kind.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import type { PictureJobs } from "../identity/index.ts";
import type { HoldService } from "../wallet/index.ts";
import { HairstyleRepository } from "./hairstyles/hairstyle.repository.ts";
import { HairstyleResolver, visibleHairstyle } from "./hairstyles/hairstyle.resolver.ts";
import { HairstyleService } from "./hairstyles/hairstyle.service.ts";
import { THUMBNAIL_FOLDER, type HairstyleLook } from "./hairstyles/hairstyle.vocabulary.ts";
import {
  sourceKeyOf,
  tryOnInputSchema,
  viewKeyOf,
  type TryOnInput,
} from "./try-ons/try-on.input.ts";
import { MAX_ATTEMPTS, TryOnPipeline } from "./try-ons/try-on.pipeline.ts";
import { TryOnRepository } from "./try-ons/try-on.repository.ts";
import {
  TryOnFieldsResolver,
  TryOnResolver,
  TryOnViewResolver,
} from "./try-ons/try-on.resolver.ts";
import { TryOnService } from "./try-ons/try-on.service.ts";
import { ALL_VIEWS, HAIR_TRY_ON } from "./try-ons/try-on.vocabulary.ts";
import { createTryOnWebhooks } from "./try-ons/try-on.webhooks.ts";
import { createTryOnLoaders } from "./tryon.loaders.ts";
import { createTryOnPersonalData } from "./tryon.personal-data.ts";
import type { HairStylist, StylistWebhooks } from "./tryon.ports.ts";

export interface TryOnModuleDependencies {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly jobDeletions: JobDeletions;
  readonly nudges: Nudges;
  readonly log: Logger;
  readonly pictureJobs: PictureJobs;
  readonly holds: HoldService;
  readonly blobs: BlobStore;
  readonly stylist: HairStylist;
  /** Null when the stylist reports nothing. */
  readonly stylistWebhooks: StylistWebhooks | null;
  /** How clients reach this server; asked for each URL. */
  readonly publicUrl: () => string;
  readonly deadlineMs: number;
}

/** Puts hairstyles and try-ons together. */
export function createTryOnModule(
  dependencies: TryOnModuleDependencies,
): DomainModule & { hairstyles: HairstyleService } {
  const { database, blobs, stylistWebhooks, publicUrl } = dependencies;
  const styleRows = new HairstyleRepository(database);
  const hairstyles = new HairstyleService({ ...dependencies, repository: styleRows, draw });
  const repository = new TryOnRepository(database);
  const shared = { ...dependencies, repository, styles: hairstyles };
  const tryOns = new TryOnService(shared);
  const pipeline = new TryOnPipeline({ ...shared, tryOns });
  registerTryOnNodes();
  return {
    hairstyles,
    resolvers: [
      new HairstyleResolver(hairstyles, (key) => `${publicUrl()}${publicImagePath(key)}`),
      new TryOnResolver(tryOns, dependencies.jobDeletions),
      new TryOnFieldsResolver(blobs),
      new TryOnViewResolver(blobs),
    ],
    loaders: () => createTryOnLoaders(styleRows, repository),
    jobKinds: [tryOnKind(dependencies.deadlineMs, tryOns, pipeline)],
    webhooks: stylistWebhooks ? [createTryOnWebhooks(stylistWebhooks, dependencies)] : [],
    personalData: createTryOnPersonalData(repository),
    routes: publicImageRoutes(blobs, THUMBNAIL_FOLDER),
  };
}

// Drawing is needed rarely: when the staff changes a style, and for the seed.
const draw = async (look: HairstyleLook): Promise<Uint8Array> =>
  (await import("./hairstyles/thumbnail.ts")).drawThumbnail(look);

const tryOnKind = (
  deadlineMs: number,
  tryOns: TryOnService,
  pipeline: TryOnPipeline,
): JobKind<TryOnInput> => ({
  kind: HAIR_TRY_ON,
  idPrefix: "hto",
  deadlineMs,
  maxAttempts: MAX_ATTEMPTS,
  parseInput: (input) => tryOnInputSchema.parse(input),
  run: (job) => pipeline.run(job),
  startAgain: (job, idempotencyKey) => tryOns.startAgain(job, idempotencyKey),
  onUnsuccessful: (tx, job) => tryOns.settleUnsuccessful(tx, job),
  remains: {
    files: ({ id }) =>
      Promise.resolve([sourceKeyOf(id), ...ALL_VIEWS.map((view) => viewKeyOf(id, view))]),
  },
});

function registerTryOnNodes(): void {
  registerOwnedNode("hto", "HairTryOn", (loaders) => loaders.job);
  registerNodeSource({
    prefix: "hst",
    typeName: "Hairstyle",
    load: (context, ids) => Promise.all(ids.map((id) => visibleHairstyle(context, id))),
  });
}
