import type { Database } from "../db/database.ts";
import type { Tx } from "../db/unit-of-work.ts";

/** An unfinished job on its way from one user to another. */
export interface MovedJob {
  readonly id: string;
  readonly kind: string;
  readonly version: number;
  /** The slot of the new owner that it waits in; null when it waits for nothing. */
  readonly slot: number | null;
}

const SLOTS = 3;
const UNFINISHED = "status in ('QUEUED', 'RUNNING')";

/** Everything that jobs, their queue and idempotency keys know of whose they are. */
export class JobOwnerRepository {
  constructor(private readonly database: Database) {}

  /** Locks the unfinished jobs of a user until the transaction ends. */
  async lockUnfinished(tx: Tx, userId: string): Promise<void> {
    await tx.query(
      `select id from ai_jobs where user_id = $1 and ${UNFINISHED} order by id for update`,
      [userId],
    );
  }

  /**
   * Makes all jobs another user's; those that wait in the queue wait in the new owner's slots from now on.
   * @returns how many there were, and the unfinished ones
   */
  async moveAll(
    tx: Tx,
    move: { readonly fromUserId: string; readonly toUserId: string },
  ): Promise<{ count: number; unfinished: MovedJob[] }> {
    const { fromUserId, toUserId } = move;
    const rows = await tx.query<MovedJob & { unfinished: boolean }>(
      `with busy as (
         select kind, slot, count(*) as jobs from ai_jobs
         where user_id = $2 and ${UNFINISHED} group by kind, slot),
       places as (
         select j.id, ${UNFINISHED} as unfinished,
           case when j.status = 'QUEUED' and exists (
             select from graphile_worker._private_jobs q where q.key = j.id) then (
               select n from generate_series(0, ${SLOTS} - 1) n
               left join busy b on b.kind = j.kind and b.slot = n
               order by coalesce(b.jobs, 0), (n + j.rank) % ${SLOTS} limit 1) end as slot
         from (select *, row_number() over (partition by kind, status order by id) as rank
               from ai_jobs where user_id = $1) j)
       update ai_jobs j set user_id = $2, slot = coalesce(p.slot, j.slot),
         version = j.version + case when p.unfinished then 1 else 0 end
       from places p where p.id = j.id
       returning j.id, j.kind, j.version, p.slot, p.unfinished`,
      [fromUserId, toUserId],
    );
    const unfinished = rows.filter((row) => row.unfinished);
    for (const { id, kind, slot } of unfinished) {
      if (slot !== null) await this.requeue(tx, id, kind, `${toUserId}:${kind}:${slot}`);
    }
    return { count: rows.length, unfinished };
  }

  /** Keys of calls, so that a repetition by the new owner gets its first answer. Keys that the owner used too are dropped. */
  async moveKeys(tx: Tx, move: { fromUserId: string; toUserId: string }): Promise<void> {
    await tx.execute(
      `update idempotency_keys k set user_id = $2 where user_id = $1 and not exists (
         select from idempotency_keys o where o.user_id = $2 and o.key = k.key)`,
      [move.fromUserId, move.toUserId],
    );
    await this.forgetKeys(tx, move.fromUserId);
  }

  async forgetKeys(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from idempotency_keys where user_id = $1", [userId]);
  }

  /** What a deleted job has still to remove moves along. */
  async moveDeletions(tx: Tx, move: { fromUserId: string; toUserId: string }): Promise<void> {
    await tx.execute("update job_deletions set user_id = $2 where user_id = $1", [
      move.fromUserId,
      move.toUserId,
    ]);
  }

  /** Ids of a user's jobs but those of some kinds, oldest first. */
  async idsOf(
    userId: string,
    exceptKinds: readonly string[],
    which: { unfinished: boolean; limit: number },
  ): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `select id from ai_jobs where user_id = $1 and kind <> all($2)
         and (status in ('QUEUED', 'RUNNING')) = $3 order by id limit $4`,
      [userId, exceptKinds, which.unfinished, which.limit],
    );
    return rows.map(({ id }) => id);
  }

  /** How many deletions of a user's jobs are not complete. */
  async openDeletions(userId: string): Promise<number> {
    const rows = await this.database.query<{ count: number }>(
      "select count(*)::int as count from job_deletions where user_id = $1",
      [userId],
    );
    return rows[0]?.count ?? 0;
  }

  /** Puts a waiting job into another queue; when it is due stays as it was. */
  private async requeue(tx: Tx, id: string, kind: string, queue: string): Promise<void> {
    await tx.query(
      `select graphile_worker.add_job($1::text, json_build_object('jobId', $2::text),
         queue_name := $3, max_attempts := 25, job_key := $2, job_key_mode := 'preserve_run_at',
         flags := array[$1::text])`,
      [kind, id, queue],
    );
  }
}
