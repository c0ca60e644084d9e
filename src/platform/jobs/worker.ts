import {
  Logger as WorkerLogger,
  parseCronItems,
  run,
  type Runner,
  type TaskList,
} from "graphile-worker";
import type { Database } from "../db/database.ts";
import type { Cron } from "../module.ts";
import type { Logger } from "../observe/logger.ts";
import type { Nudges } from "../realtime/nudges.ts";
import { jobTopic } from "./jobs.ts";
import type { JobKind } from "./job-kind.ts";
import type { JobRepository } from "./job.repository.ts";
import type { Run } from "./run.ts";
import type { JobRunner } from "./runner.ts";
import type { Registration, WorkerRegistry } from "./worker-registry.ts";
import { EventEmitter } from "node:events";

const TICK_MS = 1_000;
const HEARTBEAT_TICKS = 5;
const RESTART_MS = 500;
const POLL_MS = 1_000;

export interface WorkerOptions {
  readonly database: Database;
  readonly repository: JobRepository;
  readonly registry: WorkerRegistry;
  readonly runner: JobRunner;
  readonly nudges: Nudges;
  readonly kinds: ReadonlyMap<string, JobKind>;
  readonly crons: readonly Cron[];
  /** Jobs that run at once. */
  readonly concurrency: number;
  readonly log: Logger;
}

/** Works on the queue until it is stopped; starts again by itself when the database was away. */
export class Worker {
  private stopping = false;
  private session: Session | null = null;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly options: WorkerOptions) {}

  /** Resolves once the first session takes jobs. */
  async start(): Promise<void> {
    this.session = await Session.open(this.options);
    this.loop = this.keepRunning();
  }

  /** Takes no new jobs, lets the running ones finish for `graceMs`, then hands them back to the queue. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    await this.session?.stop(graceMs);
    await this.loop;
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopping) {
      if (this.session) {
        await this.session.ended;
        this.session = null;
        if (this.stopping) break;
        this.options.log.warn("the worker lost its database session and starts a new one");
      }
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      this.session = await Session.open(this.options).catch((error: unknown) => {
        this.options.log.warn({ err: error }, "the worker cannot start yet");
        return null;
      });
    }
  }
}

/** One worker pool with one id, from its registration until it ends. */
class Session {
  readonly ended: Promise<void>;
  private ticks = 0;
  private readonly timer: NodeJS.Timeout;
  private stopped = false;
  private busy = false;

  private constructor(
    private readonly options: WorkerOptions,
    private readonly id: string,
    private readonly pool: Runner,
    private readonly registration: Registration,
  ) {
    this.ended = pool.promise.catch((error: unknown) => {
      options.log.warn({ err: error }, "the job queue stopped");
    });
    this.timer = setInterval(() => void this.tick(), TICK_MS).unref();
    void registration.lost.then(() => this.abandon());
    void this.ended.then(() => this.abandon());
  }

  static async open(options: WorkerOptions): Promise<Session> {
    let id = "";
    const events = new EventEmitter();
    events.on("pool:create", ({ workerPool }: { workerPool: { id: string } }) => {
      id = workerPool.id;
    });
    let registered: (registration: Registration) => void = () => {};
    let unregistered: (error: unknown) => void = () => {};
    const registration = new Promise<Registration>((resolve, reject) => {
      registered = resolve;
      unregistered = reject;
    });
    registration.catch(() => undefined);
    const pool = await run({
      pgPool: options.database.pool,
      concurrency: options.concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      taskList: tasksOf(options, registration),
      parsedCronItems: parseCronItems(
        options.crons.map((cron) => ({
          task: `cron:${cron.name}`,
          match: cron.pattern,
          identifier: cron.name,
          options: { maxAttempts: 5, jobKey: `cron:${cron.name}` },
        })),
      ),
      events,
      logger: queueLogger(options.log),
    });
    try {
      registered(await options.registry.register(id));
    } catch (error) {
      unregistered(error);
      await pool.stop().catch(() => undefined);
      throw error;
    }
    return new Session(options, id, pool, await registration);
  }

  async stop(graceMs: number): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    const grace = setTimeout(() => {
      for (const current of this.runs()) current.stop("SHUTDOWN");
    }, graceMs);
    await this.pool.stop().catch(() => undefined);
    clearTimeout(grace);
    clearInterval(this.timer);
    await this.registration.release();
  }

  /** Heartbeats, looks for cancellations and for dead workers. */
  private async tick(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.ticks += 1;
    try {
      if (this.ticks % HEARTBEAT_TICKS === 0 || this.options.runner.running().size > 0) {
        await this.heartbeat();
      }
      await this.options.registry.takeOver(this.id);
    } catch (error) {
      this.options.log.warn({ err: error }, "a worker's look around failed");
    } finally {
      this.busy = false;
    }
  }

  private async heartbeat(): Promise<void> {
    const before = new Set(this.runs());
    const { alive, owned } = await this.options.repository.heartbeat(this.id);
    if (!alive && !this.stopped) return this.abandon();
    const byId = new Map(owned.map((job) => [job.id, job]));
    for (const current of before) {
      const job = byId.get(current.id);
      if (job?.attempts !== current.attempt) {
        // Ended by ourselves in the meantime, or owned by somebody else.
        if (!current.succeeded) current.stop("LOST");
      } else if (job.cancel) current.stop("CANCELED");
    }
  }

  /** The lock is gone: somebody else may take our jobs, so we must not go on with them. */
  private async abandon(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    clearInterval(this.timer);
    for (const current of this.runs()) current.stop("LOST");
    await this.pool.stop().catch(() => undefined);
    await this.registration.release().catch(() => undefined);
  }

  private runs(): Iterable<Run> {
    return this.options.runner.running().values();
  }
}

function tasksOf(options: WorkerOptions, registration: Promise<Registration>): TaskList {
  const tasks: TaskList = {};
  for (const kind of options.kinds.keys()) {
    tasks[kind] = async (payload) => {
      const { id } = await registration;
      const { jobId } = payload as { jobId: string };
      const stopListening = await options.nudges.listen(jobTopic(jobId), () => {
        void checkCancellation(options, jobId);
      });
      try {
        await options.runner.run(jobId, id);
      } finally {
        stopListening();
      }
    };
  }
  for (const cron of options.crons) {
    tasks[`cron:${cron.name}`] = () => cron.run();
  }
  return tasks;
}

async function checkCancellation(options: WorkerOptions, jobId: string): Promise<void> {
  const current = options.runner.running().get(jobId);
  if (!current) return;
  const job = (await options.repository.byIds([jobId]).catch(() => []))[0];
  if (job?.cancelRequestedAt && job.attempts === current.attempt) current.stop("CANCELED");
}

function queueLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message, meta) => {
    if (level === "error") log.error({ queue: meta }, message);
    else if (level === "warning") log.warn({ queue: meta }, message);
    else log.debug(message);
  });
}
