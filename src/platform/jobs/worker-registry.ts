import { hostname } from "node:os";
import type pg from "pg";
import type { Database } from "../db/database.ts";
import type { UnitOfWork } from "../db/unit-of-work.ts";
import type { Logger } from "../observe/logger.ts";
import type { Job } from "./job.ts";
import type { Jobs } from "./jobs.ts";

const LOCK_CLASS = 4_711_002;
/** A worker that was not heard of for this long is taken for lost even if its connection seems open. */
const LEASE_SECONDS = 20;
const UNKNOWN_OWNER_SECONDS = 10;
/** A job whose worker died this often is not tried again … */
const MAX_CRASHES = 3;
/** … if it is likely to be the cause: each death is blamed in equal shares on the jobs that ran then. */
const MIN_BLAME = 0.99;

/** A worker's proof of life: it ends at the latest when its process does. */
export interface Registration {
  readonly id: string;
  /** Resolves when the connection that holds the lock is gone. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/**
 * Who works, and who has died. A living worker holds a session advisory lock, which PostgreSQL frees the moment
 * its process is gone; whoever notices takes its jobs over.
 */
export class WorkerRegistry {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
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
    return { id, lost, release: () => release(client, id) };
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
      await tx.query("delete from job_workers where id = any($1)", [dead]);
      const orphans = await tx.query<Job & { blame: number }>(
        `with dead as (
           select id, 1.0 / count(*) over (partition by worker_id) as share from ai_jobs
           where worker_id = any($1) and status = 'RUNNING')
         update ai_jobs j set status = 'QUEUED', worker_id = null, version = version + 1,
           crashes = crashes + 1, crash_blame = crash_blame + dead.share
         from dead where j.id = dead.id and j.status = 'RUNNING'
         returning j.id, j.user_id as "userId", j.kind, j.status, j.version, j.crashes,
           j.crash_blame as blame`,
        [dead],
      );
      for (const job of orphans) {
        if (job.crashes >= MAX_CRASHES && job.blame >= MIN_BLAME) await this.quarantine(tx, job);
        else await this.jobs.moved(tx, job);
      }
      await tx.query("select graphile_worker.force_unlock_workers($1::text[])", [dead]);
      // Unlocking alone wakes nobody.
      await tx.query(
        `select pg_notify('jobs:insert', json_build_object('r', random(), 'count', $1::int)::text)`,
        [orphans.length + 1],
      );
      this.log.warn({ workers: dead, jobs: orphans.length }, "took over the jobs of dead workers");
      return orphans.length;
    });
  }

  private async quarantine(tx: Parameters<Jobs["end"]>[0], job: Job): Promise<void> {
    await tx.query("select graphile_worker.remove_job($1)", [job.id]);
    await this.jobs.end(tx, job, "FAILED", {
      failure: {
        code: "WORKER_CRASHED",
        message: "This could not be worked on. Please try something else.",
        canRetry: false,
      },
    });
    this.log.error({ jobId: job.id }, "a job was quarantined: its worker died too often");
  }
}

async function release(client: pg.PoolClient, id: string): Promise<void> {
  // Closing the connection frees the lock even when these statements cannot run.
  await client.query("delete from job_workers where id = $1", [id]).catch(() => undefined);
  client.release(true);
}

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
