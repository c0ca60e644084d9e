import type { Database } from "../db/database.ts";
import type { Tx } from "../db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../graphql/connection.ts";
import type { Job, JobStatus, Lane } from "./job.ts";

const COLUMNS = `id, user_id as "userId", kind, status, stage, progress, version, input,
  failure_code as "failureCode", failure_message as "failureMessage",
  failure_can_retry as "failureCanRetry", attempts, crashes,
  retry_of as "retryOf", provider_session as "providerSession", queued_at as "createdAt",
  started_at as "startedAt", finished_at as "finishedAt", time_taken_ms as "timeTakenMs",
  deadline_at as "deadlineAt", cancel_requested_at as "cancelRequestedAt",
  lane, lane_seq as "laneSeq"`;
const SLOTS = 3;

/** Adds the queue's entry of the job `j`: `flags` lets workers pass over a kind, see Places. */
const entryIn = (queue: string, delaySeconds = "0"): string => `
  graphile_worker.add_job(j.kind, json_build_object('jobId', j.id),
    queue_name := ${queue}, run_at := now() + make_interval(secs => ${delaySeconds}),
    max_attempts := 25, job_key := j.id,
    priority := case when j.started_at is not null then -1 else (
      select count(*)::int from (select from ai_jobs o where o.user_id = j.user_id
        and o.status in ('QUEUED', 'RUNNING') and o.queued_at < j.queued_at limit 100) earlier) end,
    flags := array[j.kind])`;

const ENQUEUE = `select ${entryIn("$2", "$3")} from ai_jobs j where j.id = $1`;

const INSERT = `
  with job as (
    insert into ai_jobs (id, user_id, kind, input, retry_of, lane, lane_seq, slot)
    select $1, $2, $3, $4, $5, $7, $8, slot.n
    from generate_series(0, $6 - 1) as slot(n)
    order by (select count(*) from ai_jobs j where j.user_id = $2 and j.kind = $3
                and j.slot = slot.n and j.status in ('QUEUED', 'RUNNING')), slot.n
    limit 1
    returning *)
  select ${COLUMNS} from job j where case when $9::boolean then
    (${entryIn("concat_ws(':', j.user_id, j.kind, j.slot)")}).id is not null else true end`;

/** A job as the worker that runs it needs to see it. */
export interface OwnedJob {
  readonly id: string;
  readonly attempts: number;
  readonly cancel: boolean;
}

/** The job of a lane whose turn it is. */
export interface LaneHead {
  readonly id: string;
  readonly userId: string;
  readonly kind: string;
  readonly slot: number;
  readonly status: JobStatus;
  readonly laneSeq: number;
}

/** Where a job stands in the line of its kind. */
export interface QueueEstimate {
  readonly id: string;
  /** 1 for the next one. */
  readonly position: number;
  /** Null until a job of the kind has ever succeeded. */
  readonly averageMs: number | null;
}

/** Every statement on `ai_jobs`. Each edge of the state machine is one conditional UPDATE. */
export class JobRepository {
  constructor(private readonly database: Database) {}

  /** Inserts a QUEUED job into the slot of its user and kind with the least unfinished work. */
  async insert(
    tx: Tx,
    job: {
      id: string;
      userId: string;
      kind: string;
      input: unknown;
      retryOf: string | null;
      lane: Lane | null;
      /** How many of the user's jobs of this kind may run at once; 3 unless told. */
      perUser?: number | undefined;
      /** Whether it is handed to the queue at once. */
      isDue: boolean;
    },
  ): Promise<Job> {
    const rows = await tx.query<Job>(
      INSERT,
      [
        job.id,
        job.userId,
        job.kind,
        JSON.stringify(job.input),
        job.retryOf,
        job.perUser ?? SLOTS,
        job.lane?.name ?? null,
        job.lane?.seq ?? null,
        job.isDue,
      ],
      "job_insert",
    );
    return rows[0] as Job;
  }

  /**
   * Hands a job to the queue; `delayMs` lets it wait. The same id again replaces the waiting entry.
   * Jobs of one queue run one after the other: by default those of a user, kind and slot.
   * A job stands behind those whose users have less unfinished work; one that had begun stands before all.
   */
  async enqueue(
    tx: Tx,
    job: { id: string; userId: string; kind: string },
    slot: number,
    options: { delayMs?: number; queue?: string | undefined } = {},
  ): Promise<void> {
    const queue = options.queue ?? `${job.userId}:${job.kind}:${slot}`;
    await tx.query(ENQUEUE, [job.id, queue, (options.delayMs ?? 0) / 1000], "job_enqueue");
  }

  /** Hands a job that is still QUEUED to the queue of its user, kind and slot once more. */
  async enqueueAgain(tx: Tx, id: string): Promise<void> {
    const rows = await tx.query<Job & { slot: number }>(
      `select ${COLUMNS}, slot from ai_jobs where id = $1 and status = 'QUEUED' for update`,
      [id],
    );
    if (rows[0]) await this.enqueue(tx, rows[0], rows[0].slot);
  }

  /** The first unfinished job of a lane. Until the transaction ends, nobody else enters or leaves the lane. */
  async headOfLane(tx: Tx, lane: string): Promise<LaneHead | null> {
    const rows = await tx.query<LaneHead>(
      `select id, user_id as "userId", kind, slot, status, lane_seq as "laneSeq"
       from job_lane_head($1)`,
      [lane],
      "job_lane_head",
    );
    return rows[0] ?? null;
  }

  /** Takes a job out of the queue if no worker has begun it. */
  async dequeue(tx: Tx, id: string): Promise<void> {
    await tx.query("select graphile_worker.remove_job($1)", [id]);
  }

  /** How many of the first `most` entries of the queue could be taken now by a worker whose `full` kinds have no place left. */
  async dueEntries(most: number, full: readonly string[]): Promise<number> {
    const rows = await this.database.query<{ due: number }>(
      `select count(*)::int as due from (
         select flags from graphile_worker._private_jobs
         where is_available and run_at <= now() limit $1) due
       where flags is null or not flags ?| $2::text[]`,
      [most, full],
      "jobs_due",
    );
    return rows[0]?.due ?? 0;
  }

  /** QUEUED → RUNNING for this worker; null when it is not QUEUED. */
  async claim(
    tx: Tx,
    claim: { id: string; workerId: string; deadlineMs: number },
  ): Promise<Job | null> {
    const { id, workerId, deadlineMs } = claim;
    const rows = await tx.query<Job>(
      `update ai_jobs set status = 'RUNNING', attempts = attempts + 1, version = version + 1,
         worker_id = $2, heartbeat_at = now(), started_at = coalesce(started_at, now()),
         deadline_at = coalesce(deadline_at, now() + make_interval(secs => $3))
       where id = $1 and status = 'QUEUED' returning ${COLUMNS}`,
      [id, workerId, deadlineMs / 1000],
      "job_claim",
    );
    return rows[0] ?? null;
  }

  /** Changes a RUNNING job of this attempt; null when the attempt no longer owns it. */
  async advance(
    tx: Tx,
    id: string,
    attempt: number,
    change: { stage?: string; progress: number },
  ): Promise<Job | null> {
    const rows = await tx.query<Job>(
      `update ai_jobs set stage = coalesce($3, stage), progress = greatest(progress, $4),
         version = version + 1
       where id = $1 and status = 'RUNNING' and attempts = $2 returning ${COLUMNS}`,
      [id, attempt, change.stage ?? null, Math.round(change.progress)],
      "job_advance",
    );
    return rows[0] ?? null;
  }

  /** Stores the provider's own id of the work; false when the attempt no longer owns the job. */
  async saveProviderSession(id: string, attempt: number, session: string): Promise<boolean> {
    const rows = await this.database.query(
      `update ai_jobs set provider_session = $3
       where id = $1 and status = 'RUNNING' and attempts = $2 returning id`,
      [id, attempt, session],
    );
    return rows.length === 1;
  }

  /** Ends a job; null when it is not in one of the given states, or another attempt owns it. */
  async finish(
    tx: Tx,
    id: string,
    outcome: {
      status: Extract<JobStatus, "SUCCEEDED" | "FAILED" | "CANCELED">;
      from: readonly JobStatus[];
      attempt?: number;
      failure?: { code: string; message: string; canRetry: boolean };
    },
  ): Promise<Job | null> {
    const rows = await tx.query<Job>(
      `update ai_jobs set status = $2, version = version + 1, finished_at = now(), worker_id = null,
         progress = case when $2 = 'SUCCEEDED' then 100 else progress end,
         failure_code = $5, failure_message = $6, failure_can_retry = $7,
         time_taken_ms = extract(epoch from now() - started_at) * 1000
       where id = $1 and status = any($3) and ($4::int is null or attempts = $4)
       returning ${COLUMNS}`,
      [
        id,
        outcome.status,
        outcome.from,
        outcome.attempt ?? null,
        outcome.failure?.code ?? null,
        outcome.failure?.message ?? null,
        outcome.failure?.canRetry ?? null,
      ],
      "job_finish",
    );
    return rows[0] ?? null;
  }

  /** RUNNING → QUEUED for another try; null when the attempt no longer owns it. */
  async requeue(tx: Tx, id: string, attempt: number, countAttempt: boolean) {
    const rows = await tx.query<Job & { slot: number }>(
      `update ai_jobs set status = 'QUEUED', version = version + 1, worker_id = null,
         attempts = attempts - case when $3 then 0 else 1 end
       where id = $1 and status = 'RUNNING' and attempts = $2 returning ${COLUMNS}, slot`,
      [id, attempt, countAttempt],
    );
    return rows[0] ?? null;
  }

  /** Notes that the user wants a RUNNING job to stop. */
  async requestCancel(tx: Tx, id: string): Promise<Job | null> {
    const rows = await tx.query<Job>(
      `update ai_jobs set cancel_requested_at = coalesce(cancel_requested_at, now()),
         version = version + 1
       where id = $1 and status = 'RUNNING' returning ${COLUMNS}`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Renews a worker's lease; tells whether it still has one, and which jobs it owns. */
  async heartbeat(workerId: string): Promise<{ alive: boolean; owned: OwnedJob[] }> {
    const rows = await this.database.query<{ alive: boolean } & Partial<OwnedJob>>(
      `with alive as (update job_workers set heartbeat_at = now() where id = $1 returning id),
       owned as (update ai_jobs set heartbeat_at = now() where worker_id = $1 and status = 'RUNNING'
         returning id, attempts, cancel_requested_at is not null as cancel)
       select exists (select 1 from alive) as alive, o.id, o.attempts, o.cancel
       from (select 1) one left join owned o on true`,
      [workerId],
    );
    return {
      alive: rows[0]?.alive ?? false,
      owned: rows.filter((row) => row.id != null) as unknown as OwnedJob[],
    };
  }

  /** Jobs by id, whoever owns them. */
  async byIds(ids: readonly string[]): Promise<Job[]> {
    return this.database.query<Job>(
      `select ${COLUMNS} from ai_jobs where id = any($1)`,
      [ids],
      "jobs_by_ids",
    );
  }

  /** Locks a job of this user; null when it is absent or someone else's. */
  async lockOwned(tx: Tx, userId: string, id: string): Promise<Job | null> {
    const rows = await tx.query<Job>(
      `select ${COLUMNS} from ai_jobs where id = $1 and user_id = $2 for update`,
      [id, userId],
    );
    return rows[0] ?? null;
  }

  /** The versions of jobs, for the sweep. */
  async versions(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ id: string; version: number }>(
      "select id, version from ai_jobs where id = any($1)",
      [ids],
      "job_versions",
    );
    return new Map(rows.map((row) => [row.id, row.version]));
  }

  /** A page of a user's jobs, newest first; its sort key is the id. */
  async pageOfUser(
    userId: string,
    filter: { kinds: readonly string[] | null; statuses?: readonly string[] | null },
    page: PageRequest,
  ): Promise<Job[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<Job>(
      `select ${COLUMNS} from ai_jobs
       where user_id = $1 and ($2::text[] is null or kind = any($2))
         and ($3::text[] is null or status = any($3)) and ($4::text is null or id ${compare} $4)
       order by id ${order} limit $5`,
      [userId, filter.kinds, filter.statuses ?? null, page.beyond?.[0] ?? null, rowsToFetch(page)],
    );
  }

  /** Places in line of QUEUED jobs, and how long their kind took lately, in one statement. */
  async queueEstimates(ids: readonly string[]): Promise<QueueEstimate[]> {
    return this.database.query<QueueEstimate>(
      `select j.id,
         (select count(*)::int from ai_jobs o where o.kind = j.kind and o.status = 'QUEUED' and o.id <= j.id)
           as position,
         (select avg(d.time_taken_ms)::float from (select time_taken_ms from ai_jobs f
            where f.kind = j.kind and f.status = 'SUCCEEDED' order by f.finished_at desc limit 50) d)
           as "averageMs"
       from ai_jobs j where j.id = any($1)`,
      [ids],
      "job_queue_estimates",
    );
  }
}
