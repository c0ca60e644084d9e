import { EventEmitter } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import {
  Logger as WorkerLogger,
  parseCronItems,
  run,
  type Runner,
  type TaskList,
  type WorkerPool,
} from "graphile-worker";
import type { Database } from "../db/database.ts";
import type { Cron, QueueTask } from "../module.ts";
import type { Logger } from "../observe/logger.ts";
import type { Nudges } from "../realtime/nudges.ts";
import { jobTopic } from "./jobs.ts";
import type { JobKind } from "./job-kind.ts";
import type { JobRepository } from "./job.repository.ts";
import { Places } from "./places.ts";
import { JobLost, type Run } from "./run.ts";
import type { JobRunner } from "./runner.ts";
import { Turns } from "./turns.ts";
import type { LostSession, Registration, WorkerRegistry } from "./worker-registry.ts";

const TICK_MS = 500;
const HEARTBEAT_TICKS = 10;
const BUSY_HEARTBEAT_TICKS = 2;
const RESCUE_TICKS = 60;
const RESTART_MS = 250;
/** Each place of the queue polls by itself; what is due is looked for once for all of them. */
const POLL_MS = 60_000;
/** So many entries are looked at. */
const MOST_DUE = 10_000;
const CLOSE_WAIT_MS = 1_000;
/** Shorter than the lease: a worker that cannot renew it stops before others take its jobs. */
const MAX_SILENCE_MS = 15_000;

export interface WorkerOptions {
  readonly database: Database;
  readonly repository: JobRepository;
  readonly registry: WorkerRegistry;
  readonly runner: JobRunner;
  readonly nudges: Nudges;
  readonly kinds: ReadonlyMap<string, JobKind>;
  readonly crons: readonly Cron[];
  readonly tasks: readonly QueueTask[];
  /** Jobs of one kind that run at once. */
  readonly concurrency: number;
  readonly log: Logger;
}

/** Works on the queue until it is stopped; starts again by itself when the database was away. */
export class Worker {
  private stopping = false;
  private session: Session | null = null;
  private loop: Promise<void> = Promise.resolve();
  /** Queues of lost sessions that still wait for the database. */
  private readonly closing = new Set<Promise<void>>();

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
    await Promise.race([Promise.all(this.closing), pause(CLOSE_WAIT_MS, null, { ref: false })]);
  }

  private async keepRunning(): Promise<void> {
    for (let session = this.session; session && !this.stopping; session = this.session) {
      const lost = await session.ended;
      const closed = session.closed.finally(() => this.closing.delete(closed));
      this.closing.add(closed);
      this.session = null;
      if (this.stopping) break;
      this.options.log.warn("the worker lost its database session and starts a new one");
      await this.reopen(lost);
    }
  }

  private async reopen(lost: LostSession): Promise<void> {
    const { database, registry, log } = this.options;
    let reported = false;
    while (!this.stopping && !this.session) {
      await pause(RESTART_MS);
      try {
        // Asked first, because the queue's own start waits long when the database is not up yet.
        await database.query("select 1");
        await registry.reclaim(lost);
        this.session = await Session.open(this.options);
      } catch (error) {
        if (!reported) log.warn({ err: error }, "the worker cannot start yet");
        reported = true;
      }
    }
    if (this.stopping) await this.session?.stop(0);
  }
}

/** One worker pool with one id, from its registration until it ends. */
class Session {
  /** Resolves as soon as the session is lost, without waiting for what still runs. */
  readonly ended: Promise<LostSession>;
  /** Resolves when nothing of the session is left. */
  readonly closed: Promise<void>;
  private end: (lost: LostSession) => void = () => undefined;
  private ticks = 0;
  private renewedMs = performance.now();
  private readonly timer: NodeJS.Timeout;
  private stopped = false;
  private busy = false;

  private constructor(
    private readonly options: WorkerOptions,
    private readonly pool: Runner,
    private readonly queue: Pick<WorkerPool, "nudge">,
    private readonly registration: Registration,
    private readonly places: Places,
    failing: Promise<void>,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.closed = pool.promise.catch((error: unknown) => {
      options.log.warn({ err: error }, "the job queue stopped");
    });
    this.timer = setInterval(() => void this.tick(), TICK_MS).unref();
    void Promise.race([registration.lost, failing]).then(() => {
      this.abandon();
    });
  }

  static async open(options: WorkerOptions): Promise<Session> {
    const events = new EventEmitter();
    const created = firstOf<{ workerPool: WorkerPool }>(events, "pool:create");
    const failing = firstOf(events, "pool:gracefulShutdown").then(() => undefined);
    const registered = Promise.withResolvers<Registration>();
    const places = new Places(options.concurrency);
    const turns = takingTurns(events);
    const crons = [...options.crons, forgettingQueues(options.registry)];
    registered.promise.catch(() => undefined);
    const pool = await run({
      pgPool: options.database.pool,
      concurrency: places.total,
      forbiddenFlags: async () => {
        await turns.enter();
        return places.full();
      },
      pollInterval: POLL_MS,
      noHandleSignals: true,
      // Unbatched, a completion that fails is an unhandled rejection: it would end the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      taskList: tasksOf(options, crons, registered.promise, places),
      parsedCronItems: parseCronItems(cronItems(crons)),
      events: events,
      logger: queueLogger(options.log),
    });
    pool.promise.catch(() => undefined);
    try {
      registered.resolve(await options.registry.register((await created).workerPool.id));
    } catch (error) {
      registered.reject(error);
      await pool.stop().catch(() => undefined);
      throw error;
    }
    const { workerPool } = await created;
    return new Session(options, pool, workerPool, await registered.promise, places, failing);
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
    this.end({ workerId: this.registration.id, runs: [] });
  }

  /** Heartbeats, looks for cancellations, for dead workers and for what is due. */
  private async tick(): Promise<void> {
    if (performance.now() - this.renewedMs > MAX_SILENCE_MS) return this.abandon();
    if (this.busy) return;
    this.busy = true;
    this.ticks += 1;
    try {
      const busy = this.options.runner.running().size > 0;
      if (this.ticks % (busy ? BUSY_HEARTBEAT_TICKS : HEARTBEAT_TICKS) === 0) {
        await this.heartbeat();
      }
      await this.options.registry.takeOver(this.registration.id);
      await this.takeDue();
      if (this.ticks % RESCUE_TICKS === 0) await this.options.registry.rescueStranded();
    } catch (error) {
      this.options.log.warn({ err: error }, "a worker's look around failed");
    } finally {
      this.busy = false;
    }
  }

  /** New jobs make themselves heard; those whose time has come do not, such as retries. */
  private async takeDue(): Promise<void> {
    const { places } = this;
    // Places that woke up for a full kind would race for the one that becomes free, and whoever is first in the queue might lose.
    const due = await this.options.repository.dueEntries(MOST_DUE, places.full());
    if (due > 0 && !this.stopped) this.queue.nudge(Math.min(due, places.total));
  }

  private async heartbeat(): Promise<void> {
    const before = new Set(this.runs());
    const askedMs = performance.now();
    const { alive, owned } = await this.options.repository.heartbeat(this.registration.id);
    if (!alive) return this.abandon();
    this.renewedMs = askedMs;
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
  private abandon(): void {
    if (this.stopped) return;
    this.stopped = true;
    clearInterval(this.timer);
    const lost = [...this.runs()];
    for (const current of lost) current.stop("LOST");
    this.registration.drop();
    // May take as long as the database is away; nothing depends on it any more.
    this.pool.stop().catch(() => undefined);
    this.end({
      workerId: this.registration.id,
      runs: lost.map(({ id, earlierCrashes }) => ({ id, crashes: earlierCrashes })),
    });
  }

  private runs(): Iterable<Run> {
    return this.options.runner.running().values();
  }
}

/** Lets the places ask the queue one after the other: whoever asks locks all queues, and others meanwhile find nothing. */
function takingTurns(events: EventEmitter): Turns {
  const turns = new Turns();
  for (const answer of ["job:start", "worker:getJob:empty", "worker:getJob:error"]) {
    events.on(answer, () => {
      turns.leave();
    });
  }
  return turns;
}

function firstOf<T>(events: EventEmitter, name: string): Promise<T> {
  return new Promise((resolve) => events.once(name, resolve));
}

const cronItems = (crons: readonly Cron[]) =>
  crons.map((cron) => ({
    task: `cron:${cron.name}`,
    match: cron.pattern,
    identifier: cron.name,
    options: { maxAttempts: 5, jobKey: `cron:${cron.name}` },
  }));

const forgettingQueues = (registry: WorkerRegistry): Cron => ({
  name: "forget_idle_queues",
  pattern: "*/10 * * * *",
  run: async () => void (await registry.forgetIdleQueues()),
});

function tasksOf(
  options: WorkerOptions,
  crons: readonly Cron[],
  registration: Promise<Registration>,
  places: Places,
): TaskList {
  const tasks: TaskList = {};
  for (const kind of options.kinds.keys()) {
    tasks[kind] = async (payload) => {
      const { id } = await registration;
      const { jobId } = payload as { jobId: string };
      // Fetched at once with others of its kind, before any of them had taken its place.
      if (!places.take(kind)) return options.runner.putBack(jobId);
      try {
        await runJob(options, kind, jobId, id);
      } finally {
        places.giveBack(kind);
      }
    };
  }
  for (const task of options.tasks) {
    tasks[task.name] = (payload) => task.run(payload);
  }
  for (const cron of crons) {
    tasks[`cron:${cron.name}`] = () => cron.run();
  }
  return tasks;
}

async function runJob(
  options: WorkerOptions,
  kind: string,
  jobId: string,
  workerId: string,
): Promise<void> {
  const stopListening = await options.nudges.listen(jobTopic(jobId), () => {
    void checkCancellation(options, jobId);
  });
  try {
    await options.runner.run(kind, jobId, workerId);
  } finally {
    stopListening();
  }
}

async function checkCancellation(options: WorkerOptions, jobId: string): Promise<void> {
  const current = options.runner.running().get(jobId);
  if (!current || current.succeeded) return;
  const job = (await options.repository.byIds([jobId]).catch(() => []))[0];
  if (job?.cancelRequestedAt && job.attempts === current.attempt) current.stop("CANCELED");
}

function queueLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message, meta) => {
    if (level === "error" && meta?.["error"] instanceof JobLost) log.debug(message);
    else if (level === "error") log.error({ queue: meta }, message);
    else if (level === "warning") log.warn({ queue: meta }, message);
    else log.debug(message);
  });
}
