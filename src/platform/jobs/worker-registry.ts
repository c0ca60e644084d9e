import { hostname } from "node:os";
import type pg from "pg";
import type { Database } from "../db/database.ts";
import type { Tx, UnitOfWork } from "../db/unit-of-work.ts";
import type { Logger } from "../observe/logger.ts";
import { failure } from "./failures.ts";
import type { Job } from "./job.ts";
import type { JobRepository } from "./job.repository.ts";
import type { Jobs } from "./jobs.ts";

const LOCK_CLASS = 4_711_002;
/** A worker that was not heard of for this long is taken for lost even if its connection seems open. */
const LEASE_SECONDS = 20;
const UNKNOWN_OWNER_SECONDS = 10;
const STRANDED_AFTER_SECONDS = 30;
/** A job whose worker died this often is not tried again … */
const MAX_CRASHES = 3;
/** … if it is likely to be the cause: alone each time. Of n jobs that ran together, each gets 1/n² of the blame. */
const MIN_BLAME = 2.9;
/** A job that saw so many deaths is a suspect: suspects run one at a time, which tells them apart. */
const SUSPECT_CRASHES = 5;
/** The suspect's share of a death. Less than all: workers also die for reasons of their own, many in a row. */
const SUSPECT_SHARE = 0.25;
const SUSPECT_QUEUE = "suspects";
/** Nobody adds or takes an entry meanwhile. */
const FORGET_WAIT_MS = 250;

/** A worker's proof of life: it ends at the latest when its process does. */
export interface Registration {
  readonly id: string;
  /** Resolves when the connection that holds the lock is gone. */
  readonly lost: Promise<void>;
  /** Ends it in good order. */
  release(): Promise<void>;
  /** Lets go of the connection without asking a database that may not answer. */
  drop(): void;
}

/** What a living worker held when it lost its registration. */
export interface LostSession {
  readonly workerId: string;
  readonly runs: readonly { readonly id: string; readonly crashes: number }[];
}

/**
 * Who works, and who has died. A living worker holds a session advisory lock, which PostgreSQL frees the moment
 * its process is gone; whoever notices takes its jobs over.
 */
export class WorkerRegistry {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: JobRepository,
    private readonly jobs: Jobs,
    private readonly log: Logger,
  ) {}

  /** Registers a worker on a connection of its own. */
  async register(id: string): Promise<Registration> {
    const client = await this.database.pool.connect();
    const lost = new Promise<void>((resolve) => {
      client.once("error", () => {
        resolve();
      });
      client.once("end", () => {
        resolve();
      });
    });
    try {
      await client.query("select pg_advisory_lock($1, hashtext($2))", [LOCK_CLASS, id]);
      await client.query("insert into job_workers (id, host) values ($1, $2)", [id, hostname()]);
    } catch (error) {
      client.release(true);
      throw error;
    }
    return {
      id,
      lost,
      release: () => release(client, id),
      drop: () => {
        client.release(true);
      },
    };
  }

  /** Puts the jobs of dead workers back into the queue. Only one caller wins each dead worker. */
  async takeOver(ownId: string): Promise<number> {
    const suspects = await this.database.query<{ id: string }>(DEAD_WORKERS, [
      ownId,
      LOCK_CLASS,
      LEASE_SECONDS,
      UNKNOWN_OWNER_SECONDS,
    ]);
    if (suspects.length === 0) return 0;
    const dead = suspects.map((row) => row.id);
    return this.unitOfWork.run(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1, 0)", [LOCK_CLASS]);
      const orphans = await tx.query<Orphan>(ORPHAN, [dead]);
      for (const job of orphans) {
        if (job.crashes >= MAX_CRASHES && job.blame >= MIN_BLAME) await this.quarantine(tx, job);
        else await this.jobs.moved(tx, job);
      }
      await this.requeue(tx, dead, orphans);
      this.log.warn({ workers: dead, jobs: orphans.length }, "took over the jobs of dead workers");
      return orphans.length;
    });
  }

  /**
   * Takes back what this process held before the database went away: nobody died, so no job is to blame.
   * Where another worker was quicker and took it for dead, the blame is undone.
   */
  async reclaim(lost: LostSession): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1, 0)", [LOCK_CLASS]);
      const interrupted = await tx.query<Job>(RECLAIM, [lost.workerId]);
      for (const job of interrupted) await this.jobs.moved(tx, job);
      await tx.query(ABSOLVE, [
        lost.runs.map((run) => run.id),
        lost.runs.map((run) => run.crashes),
        lost.runs.length,
      ]);
      await this.requeue(tx, [lost.workerId], interrupted);
    });
  }

  /** Queues jobs that wait without a place in the queue. There should be none. */
  async rescueStranded(): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const stranded = await tx.query<Waiting>(STRANDED, [STRANDED_AFTER_SECONDS]);
      for (const job of stranded) await this.repository.enqueue(tx, job, job.slot);
      if (stranded.length > 0) {
        this.log.error(
          { jobs: stranded.map(({ id }) => id) },
          "queued jobs that nobody waited for",
        );
      }
      return stranded.length;
    });
  }

  /**
   * Forgets the queues that nothing waits in: whoever takes an entry looks at each queue there is, and every user who ever
   * had a job has some. Rejects when others do not let go of the queues soon.
   */
  async forgetIdleQueues(): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      await tx.query(`set local lock_timeout = ${FORGET_WAIT_MS}`);
      // An entry of a queue that is gone would never be taken: whoever is adding one ends first, or begins afterwards.
      await tx.query("lock table graphile_worker._private_job_queues in access exclusive mode");
      return tx.execute(
        `delete from graphile_worker._private_job_queues q where q.locked_at is null
           and not exists (select from graphile_worker._private_jobs j where j.job_queue_id = q.id)`,
      );
    });
  }

  /**
   * Gives the queue entries of workers that are gone to others. Those of jobs are made anew: if such a worker is alive
   * after all, it will delete the entry that it holds when it is done, whoever holds it by then.
   */
  private async requeue(tx: Tx, workerIds: readonly string[], jobs: readonly Job[]): Promise<void> {
    await tx.query("delete from job_workers where id = any($1)", [workerIds]);
    const jobIds = jobs.map(({ id }) => id);
    const waiting = await tx.query<Waiting>(RELEASE_HELD, [workerIds, jobIds]);
    await tx.query("select graphile_worker.force_unlock_workers($1::text[])", [workerIds]);
    for (const job of waiting) {
      const queue = job.crashes >= SUSPECT_CRASHES ? SUSPECT_QUEUE : undefined;
      await this.repository.enqueue(tx, job, job.slot, { queue });
    }
    // Unlocking a queue wakes nobody.
    await tx.query(
      `select pg_notify('jobs:insert', json_build_object('r', random(), 'count', $1::int)::text)`,
      [waiting.length + 1],
    );
  }

  private async quarantine(tx: Tx, job: Job): Promise<void> {
    await tx.query("select graphile_worker.remove_job($1)", [job.id]);
    await this.jobs.end(tx, job, "FAILED", {
      failure: failure("WORKER_CRASHED", false),
    });
    this.log.error({ jobId: job.id }, "a job was quarantined: its worker died too often");
  }
}

async function release(client: pg.PoolClient, id: string): Promise<void> {
  // Closing the connection frees the lock even when these statements cannot run.
  await client.query("delete from job_workers where id = $1", [id]).catch(() => undefined);
  client.release(true);
}

interface Waiting {
  readonly id: string;
  readonly userId: string;
  readonly kind: string;
  readonly slot: number;
  readonly crashes: number;
}

type Orphan = Job & { readonly blame: number };

const MOVED = `j.id, j.user_id as "userId", j.kind, j.status, j.version, j.crashes`;

const ORPHAN = `
  with ran as (
    select id, worker_id, crashes >= ${SUSPECT_CRASHES} as suspect,
      bool_or(crashes >= ${SUSPECT_CRASHES}) over (partition by worker_id) as beside_suspect
    from ai_jobs where worker_id = any($1) and status = 'RUNNING'),
  dead as (
    select id, case when suspect then ${SUSPECT_SHARE} when beside_suspect then 0
      else 1.0 / power(count(*) over (partition by worker_id), 2) end as share from ran)
  update ai_jobs j set status = 'QUEUED', worker_id = null, version = version + 1,
    crashes = crashes + 1, crash_blame = crash_blame + dead.share
  from dead where j.id = dead.id and j.status = 'RUNNING'
  returning ${MOVED}, j.crash_blame as blame`;

const RECLAIM = `
  update ai_jobs j set status = 'QUEUED', worker_id = null, version = version + 1
  where worker_id = $1 and status = 'RUNNING' returning ${MOVED}`;

const ABSOLVE = `
  update ai_jobs j set crashes = run.crashes,
    crash_blame = greatest(0, crash_blame - (j.crashes - run.crashes) / power($3::int, 2))
  from unnest($1::text[], $2::int[]) run(id, crashes)
  where j.id = run.id and j.crashes > run.crashes`;

/** Drops the queue entries that dead workers held; gives the waiting jobs among those and the interrupted ones. */
const RELEASE_HELD = `
  with held as (
    delete from graphile_worker._private_jobs
    where locked_by = any($1) and payload->>'jobId' is not null
    returning payload->>'jobId' as id)
  select id, user_id as "userId", kind, slot, crashes from ai_jobs
  where status = 'QUEUED' and (id = any($2) or id in (select id from held))`;

const STRANDED = `
  select id, user_id as "userId", kind, slot, crashes from ai_jobs j
  where status = 'QUEUED' and queued_at < now() - make_interval(secs => $1)
    and not exists (select 1 from graphile_worker._private_jobs q where q.key = j.id)
    and (lane is null or not exists (select 1 from ai_jobs b where b.lane = j.lane
      and b.lane_seq < j.lane_seq and b.status in ('QUEUED', 'RUNNING')))
  for update skip locked`;

const DEAD_WORKERS = `
  with holders as (
    select l.objid from pg_locks l
    where l.locktype = 'advisory' and l.classid = $2::oid and l.objsubid = 2 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
  )
  select w.id from job_workers w
  where w.id <> $1 and (w.heartbeat_at < now() - make_interval(secs => $3)
    or (hashtext(w.id)::bigint & 4294967295)::oid not in (select objid from holders))
  union
  select j.locked_by from graphile_worker._private_jobs j
  where j.locked_by is not null and j.locked_by <> $1
    and j.locked_at < now() - make_interval(secs => $4)
    and not exists (select 1 from job_workers w where w.id = j.locked_by)
  union
  select j.worker_id from ai_jobs j
  where j.status = 'RUNNING' and j.worker_id <> $1
    and j.heartbeat_at < now() - make_interval(secs => $4)
    and not exists (select 1 from job_workers w where w.id = j.worker_id)`;
