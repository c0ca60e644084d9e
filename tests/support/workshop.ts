import { randomUUID } from "node:crypto";
import { systemClock } from "../../src/platform/clock/clock.ts";
import { Database } from "../../src/platform/db/database.ts";
import { UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { DomainEvents } from "../../src/platform/events/domain-events.ts";
import { Feed } from "../../src/platform/events/feed.ts";
import { Ids } from "../../src/platform/ids/ids.ts";
import type { Job } from "../../src/platform/jobs/job.ts";
import type { JobKind, RunningJob } from "../../src/platform/jobs/job-kind.ts";
import { JobWatchers } from "../../src/platform/jobs/job-watchers.ts";
import { JobRepository } from "../../src/platform/jobs/job.repository.ts";
import { Jobs } from "../../src/platform/jobs/jobs.ts";
import { JobRunner, type RunReport } from "../../src/platform/jobs/runner.ts";
import { WorkerRegistry } from "../../src/platform/jobs/worker-registry.ts";
import { Worker } from "../../src/platform/jobs/worker.ts";
import type { QueueTask } from "../../src/platform/module.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { RedisNudges } from "../../src/platform/realtime/nudges.ts";
import { Sweep } from "../../src/platform/realtime/sweep.ts";
import { openRedis, openRedisSubscriber, readyOrTimeout } from "../../src/platform/redis/redis.ts";
import { freshDatabase, storeUrls } from "./database.ts";

/** What a test's kind of job does; everything else about it is given. */
export interface Craft {
  run(job: RunningJob<any>): Promise<void>;
  onUnsuccessful?: JobKind["onUnsuccessful"];
  deadlineMs?: number;
  maxAttempts?: number;
}

/** Work that is done at once; its jobs are noted in their order. */
export const noting = (ran: string[]): Craft => ({
  run: async (job) => {
    ran.push(job.id);
    await job.succeed(async () => {});
  },
});

/** The job mechanism alone, with kinds of jobs (CRAFT unless told) that the test defines. */
export interface Workshop {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly unitOfWork: UnitOfWork;
  readonly jobs: Jobs;
  readonly repository: JobRepository;
  readonly feed: Feed;
  readonly events: DomainEvents;
  readonly watchers: JobWatchers;
  readonly nudges: RedisNudges;
  readonly feedSweep: Sweep;
  readonly registry: WorkerRegistry;
  /** How runs in this process ended. */
  readonly runs: RunReport[];
  /** Starts a job of a user, with any input; a CRAFT unless told. */
  start(userId?: string, input?: unknown, kind?: string): Promise<Job>;
  /** The job as it is now. */
  read(id: string): Promise<Job>;
  /** Starts a worker in this process. */
  work(concurrency?: number, tasks?: readonly QueueTask[]): Promise<Worker>;
  close(): Promise<void>;
}

export async function openWorkshop(
  craft: Craft,
  options: {
    databaseUrl?: string;
    redisUrl?: string;
    nodeId?: number;
    /** More kinds that do the same. */
    kinds?: readonly string[];
    /** Gets the lines of the log; it is silent unless told. */
    onLog?: (line: string) => void;
  } = {},
): Promise<Workshop> {
  const fresh = options.databaseUrl === undefined ? await freshDatabase() : null;
  const url = options.databaseUrl ?? fresh?.url ?? "";
  const log = options.onLog
    ? createLogger("debug", {}, { write: options.onLog })
    : createLogger(process.env["TEST_LOG"] ?? "silent");
  const database = await Database.open({
    url,
    poolSize: 12,
    applicationName: "workshop",
    entities: [],
    migrations: [],
    log,
  });
  const redisOptions = {
    url: options.redisUrl ?? storeUrls().redisUrl,
    commandTimeoutMs: 500,
    log,
  };
  const redis = openRedis(redisOptions);
  const subscriber = openRedisSubscriber(redisOptions);
  await Promise.all([readyOrTimeout(redis, 2_000), readyOrTimeout(subscriber, 2_000)]);
  const nudges = new RedisNudges(redis, subscriber, log);
  const unitOfWork = new UnitOfWork(database, log);
  const repository = new JobRepository(database);
  const feed = new Feed(database, nudges);
  const sweep = new Sweep((ids) => repository.versions(ids), nudges, log);
  const feedSweep = new Sweep((ids) => feed.lastSeqs(ids), nudges, log);
  const kinds = new Map<string, JobKind>(
    ["CRAFT", ...(options.kinds ?? [])].map((kind) => [kind, kindOf(kind, craft)]),
  );
  const nodeId = options.nodeId ?? 1;
  const ids = new Ids(() => nodeId, systemClock);
  const events = new DomainEvents();
  const watchers = new JobWatchers(redis, log);
  const jobs = new Jobs({
    unitOfWork,
    repository,
    feed,
    nudges,
    sweep,
    events,
    watchers,
    ids,
    kinds,
  });
  const registry = new WorkerRegistry(database, unitOfWork, repository, jobs, log);
  const runs: RunReport[] = [];
  const workers: Worker[] = [];
  return {
    database,
    databaseUrl: url,
    unitOfWork,
    jobs,
    repository,
    feed,
    events,
    watchers,
    nudges,
    feedSweep,
    registry,
    runs,
    start: (userId = `usr_${randomUUID()}`, input = {}, kind = "CRAFT") =>
      unitOfWork.run((tx) => jobs.start(tx, { id: jobs.newId(kind), userId, kind, input })),
    read: async (id) => (await repository.byIds([id]))[0] as Job,
    work: async (concurrency = 4, tasks = []) => {
      const worker = new Worker({
        database,
        repository,
        registry,
        runner: new JobRunner({
          unitOfWork,
          repository,
          jobs,
          log,
          onRun: (report) => void runs.push(report),
        }),
        nudges,
        kinds,
        crons: [],
        tasks,
        concurrency,
        log,
      });
      await worker.start();
      workers.push(worker);
      return worker;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop(1_000)));
      watchers.close();
      sweep.close();
      feedSweep.close();
      await nudges.close();
      redis.disconnect();
      subscriber.disconnect();
      await database.close();
      await fresh?.drop();
    },
  };
}

function kindOf(kind: string, craft: Craft): JobKind {
  return {
    kind,
    idPrefix: "crf",
    deadlineMs: craft.deadlineMs ?? 20_000,
    maxAttempts: craft.maxAttempts ?? 3,
    parseInput: (input) => input,
    run: (job) => craft.run(job),
    startAgain: () => Promise.reject(new Error("not needed")),
    onUnsuccessful: craft.onUnsuccessful ?? (() => Promise.resolve()),
  };
}
