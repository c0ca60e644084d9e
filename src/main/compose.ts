import { createActivityModule } from "../domains/activity/index.ts";
import { createAdminModule } from "../domains/admin/index.ts";
import { createAnalysesModule } from "../domains/analyses/index.ts";
import { createBillingModule } from "../domains/billing/index.ts";
import { PUBLIC_CATALOG_FIELDS } from "../domains/catalog/catalog.public.ts";
import { createCatalogModule } from "../domains/catalog/index.ts";
import { createEmojiModule } from "../domains/emoji/index.ts";
import { createIdentityModule, MAX_UPLOAD_BYTES, PictureJobs } from "../domains/identity/index.ts";
import { createNotificationsModule } from "../domains/notifications/index.ts";
import { createRoutinesModule } from "../domains/routines/index.ts";
import { createTryOnModule } from "../domains/tryon/index.ts";
import { createWalletModule } from "../domains/wallet/index.ts";
import { systemClock } from "../platform/clock/clock.ts";
import type { Config } from "../platform/config/env.ts";
import { UnitOfWork } from "../platform/db/unit-of-work.ts";
import { DomainEvents } from "../platform/events/domain-events.ts";
import { Feed } from "../platform/events/feed.ts";
import { GraphQLEngine } from "../platform/graphql/engine.ts";
import { composeLoaders } from "../platform/graphql/loaders.ts";
import { NodeResolver } from "../platform/graphql/node.resolver.ts";
import { buildGraphQLSchema } from "../platform/graphql/schema.ts";
import type { Streams } from "../platform/graphql/streams.ts";
import { Idempotency } from "../platform/jobs/idempotency.ts";
import { PublicDownload } from "../platform/http/public-download.ts";
import type { JobKind } from "../platform/jobs/job-kind.ts";
import { JobDeletions } from "../platform/jobs/job-deletions.ts";
import { JobWatchers } from "../platform/jobs/job-watchers.ts";
import { JobRepository } from "../platform/jobs/job.repository.ts";
import { Jobs } from "../platform/jobs/jobs.ts";
import type { DomainModule } from "../platform/module.ts";
import type { Logger } from "../platform/observe/logger.ts";
import type { Metrics } from "../platform/observe/metrics.ts";
import { RedisNudges } from "../platform/realtime/nudges.ts";
import { Sweep } from "../platform/realtime/sweep.ts";
import { RateLimiter } from "../platform/redis/rate-limiter.ts";
import { ProviderTurns } from "../platform/resilience/provider-turns.ts";
import { WebhookInbox } from "../platform/webhooks/webhook-inbox.ts";
import { identityDependencies } from "./identity-dependencies.ts";
import { composeChat } from "./compose-chat.ts";
import { composeGoals } from "./compose-goals.ts";
import { loadManifest } from "./manifest.ts";
import { openPlanDocument } from "./plan-document.ts";
import { personalDataOf } from "./personal-data.ts";
import type { Providers } from "./providers.ts";
import type { Stores } from "./stores.ts";

export interface ComposeOptions {
  readonly config: Config;
  readonly stores: Stores;
  readonly providers: Providers;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Its provider makes one sticker at a time, and each takes minutes: nearly all of this is for those before it. */
const EMOJI_DEADLINE_MS = 24 * 60 * 60_000;
/** A run of the image model ends after half an hour at most. */
const TRY_ON_DEADLINE_MS = 31 * 60_000;

/** All parts of one process, wired by hand. Neither server nor worker runs yet. */
export type Parts = ReturnType<typeof compose>;

/** The only place where everything knows everything. */
export function compose(options: ComposeOptions) {
  const platform = composePlatform(options);
  const base = composeBase(options, platform);
  const products = composeProducts(options, platform, base);
  const goals = composeGoals(options, platform, base, products.analyses.readings);
  const chat = composeChat(options, platform, base.billing.quotas, products.analyses, goals);
  const domains: DomainModule[] = [...Object.values({ ...base, ...products }), goals, chat];
  const webhooks = composeWebhooks(options, platform.unitOfWork, domains);
  const { activity, identity } = base;
  const personalData = personalDataOf(activity, domains, identity);
  const deadlineMs = options.config.JOB_DEADLINE_SECONDS * 1000;
  const persons = identity.persons({ ...platform, personalData, deadlineMs });
  const modules = [
    ...domains,
    persons,
    composeAdmin(options, platform, { ...base, ...products }, webhooks),
  ];
  registerKinds(platform.kinds, modules);
  return {
    ...platform,
    ...base,
    modules,
    personalData,
    engine: composeEngine(options.config, modules),
    webhooks,
    goals,
    ensureIndexes: async () => {
      await products.analyses.ensureIndexes();
      await goals.ensureIndexes();
    },
    close: () => close(platform, [base.identity, base.wallet, base.notifications, chat, goals]),
  };
}

/** What all domains build on. */
export type Platform = ReturnType<typeof composePlatform>;
/** All domains that are put together first. */
export type Domains = ReturnType<typeof composeBase> & ReturnType<typeof composeProducts>;

/** What the products build on: people, goods and money. */
function composeBase(options: ComposeOptions, platform: Platform) {
  const { config, stores, providers, log } = options;
  const { database } = stores;
  const clock = systemClock;
  const identity = createIdentityModule(identityDependencies(options, platform));
  const wallet = createWalletModule({ ...platform, ...stores, clock, log });
  return {
    identity,
    catalog: createCatalogModule({
      ...platform,
      holdSession: (tx, sessionId) => identity.holdSession(tx, sessionId),
      ids: stores.ids,
      database,
      blobs: providers.blobs,
      publicUrl: () => config.publicUrl,
    }),
    wallet,
    billing: createBillingModule({
      ...platform,
      ids: stores.ids,
      database,
      clock,
      log,
      wallets: wallet.wallets,
      users: identity.users,
      stores: providers,
      returnTo: returnTo(config),
      graceDays: config.SUBSCRIPTION_GRACE_DAYS,
      acceptSandbox: !config.production,
    }),
    notifications: createNotificationsModule({
      ...platform,
      database,
      users: identity.users,
      holdSession: (tx, sessionId) => identity.holdSession(tx, sessionId),
      push: providers.push,
      ids: stores.ids,
      clock,
      log,
    }),
    activity: createActivityModule({
      ...platform,
      repository: platform.jobRepository,
      database,
      clock,
      workerConcurrency: config.WORKER_CONCURRENCY,
    }),
  };
}

const returnTo = (config: Config) => ({
  publicUrl: config.publicUrl,
  allowedOrigins: config.ALLOWED_ORIGINS,
  appSchemes: config.APP_SCHEMES,
});

function composeAdmin(
  { config, stores }: ComposeOptions,
  platform: Platform,
  { billing, tryon, catalog }: Domains,
  inbox: WebhookInbox,
): DomainModule {
  return createAdminModule({
    ...platform,
    ...stores,
    clock: systemClock,
    inbox,
    payments: billing.payments,
    hairstyles: tryon.hairstyles,
    reviews: catalog.moderation,
    webhookEventDays: config.WEBHOOK_EVENT_DAYS,
  });
}

/** The AI products. */
function composeProducts(
  options: ComposeOptions,
  platform: Platform,
  base: ReturnType<typeof composeBase>,
) {
  const { config, stores, providers, log } = options;
  const { identity, wallet } = base;
  const pictureJobs = new PictureJobs({
    ...platform,
    uploads: identity.uploads,
    blobs: providers.blobs,
    downloads: new PublicDownload({ maxBytes: MAX_UPLOAD_BYTES, timeoutMs: 20_000 }),
    imageJobs: { name: "image-jobs", points: config.IMAGE_JOBS_PER_MINUTE, windowSeconds: 60 },
  });
  const job = { clock: systemClock, deadlineMs: config.JOB_DEADLINE_SECONDS * 1000, log };
  return {
    emoji: createEmojiModule({
      ...platform,
      ...job,
      database: stores.database,
      blobs: providers.blobs,
      pictureJobs,
      wallets: wallet.wallets,
      terms: () => platform.planDocument.current().emoji,
      maker: providers.stickerMaker(new ProviderTurns(platform.unitOfWork)),
      deadlineMs: EMOJI_DEADLINE_MS,
    }),
    tryon: createTryOnModule({
      ...platform,
      ...providers,
      ...job,
      database: stores.database,
      ids: stores.ids,
      pictureJobs,
      holds: wallet.holds,
      publicUrl: () => config.publicUrl,
      deadlineMs: TRY_ON_DEADLINE_MS,
    }),
    ...composeSkin(options, platform, base, pictureJobs),
  };
}

/** What is measured of a skin, and what follows from it. */
function composeSkin(
  { config, stores, providers, log }: ComposeOptions,
  platform: Platform,
  { billing, catalog: { catalog } }: ReturnType<typeof composeBase>,
  pictureJobs: PictureJobs,
) {
  const deadlineMs = config.JOB_DEADLINE_SECONDS * 1000;
  const common = { ...platform, ...providers, database: stores.database, catalog, deadlineMs, log };
  const analyses = createAnalysesModule({
    ...common,
    clock: systemClock,
    mongo: stores.mongo.db,
    quotas: billing.quotas,
    pictureJobs,
  });
  const routines = createRoutinesModule({
    ...common,
    ...analyses,
    quotas: billing.quotas,
  });
  return { analyses, routines };
}

async function close(
  { sweep, feedSweep, jobWatchers, nudges, planDocument }: Platform,
  modules: readonly { close(): void }[],
): Promise<void> {
  for (const part of [sweep, feedSweep, jobWatchers, ...modules]) part.close();
  await Promise.all([nudges.close(), planDocument.close()]);
}

function registerKinds(kinds: Map<string, JobKind>, modules: readonly DomainModule[]): void {
  for (const kind of modules.flatMap((module) => module.jobKinds ?? [])) kinds.set(kind.kind, kind);
}

function composePlatform({ config, stores, providers, log }: ComposeOptions) {
  const { database, ids } = stores;
  const unitOfWork = new UnitOfWork(database, log);
  const nudges = new RedisNudges(stores.redis, stores.redisSubscriber, log);
  const feed = new Feed(database, nudges);
  const jobRepository = new JobRepository(database);
  const sweep = new Sweep((jobIds) => jobRepository.versions(jobIds), nudges, log);
  const feedSweep = new Sweep((userIds) => feed.lastSeqs(userIds), nudges, log);
  const kinds = new Map<string, JobKind>();
  const events = new DomainEvents();
  const jobWatchers = new JobWatchers(stores.redis, log);
  const jobs = new Jobs({
    unitOfWork,
    repository: jobRepository,
    feed,
    nudges,
    sweep,
    events,
    watchers: jobWatchers,
    ids,
    kinds,
  });
  return {
    unitOfWork,
    nudges,
    feed,
    feedSweep,
    sweep,
    kinds,
    jobs,
    jobDeletions: new JobDeletions({
      database,
      unitOfWork,
      jobs,
      kinds,
      feed,
      blobs: providers.blobs,
      log,
    }),
    jobRepository,
    jobWatchers,
    events,
    planDocument: openPlanDocument(config, log),
    idempotency: new Idempotency(database),
    rateLimiter: new RateLimiter(stores.redisEmbedded ? null : stores.redis),
  };
}

function composeWebhooks(
  { stores, log }: ComposeOptions,
  unitOfWork: UnitOfWork,
  modules: readonly DomainModule[],
): WebhookInbox {
  return new WebhookInbox({
    database: stores.database,
    ids: stores.ids,
    unitOfWork,
    clock: systemClock,
    sources: modules.flatMap((module) => module.webhooks ?? []),
    log,
  });
}

function composeEngine(config: Config, modules: readonly DomainModule[]): GraphQLEngine {
  const resolvers = [new NodeResolver(), ...modules.flatMap((module) => module.resolvers)];
  return new GraphQLEngine({
    schema: buildGraphQLSchema(resolvers),
    createLoaders: composeLoaders(
      modules.flatMap((module) => (module.loaders ? [module.loaders] : [])),
    ),
    streams: Object.assign({}, ...modules.map((module) => module.streams ?? {})) as Streams,
    manifest: loadManifest(),
    trustedDocumentsOnly: config.TRUSTED_DOCUMENTS,
    introspection: config.INTROSPECTION,
    costBudgetPerMinute: config.COST_BUDGET_PER_MINUTE,
    publicFields: PUBLIC_CATALOG_FIELDS,
  });
}
