import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import type { HairView, TryOnViewStatus } from "./try-on.vocabulary.ts";

/** A row of `try_ons`; its id is the job's. */
export interface TryOnRow {
  readonly id: string;
  readonly hairstyleId: string;
  /** Null until the picture was fetched. */
  readonly sourceKey: string | null;
  readonly isFavourite: boolean;
  readonly isPreview: boolean;
  readonly creditsHeld: number;
  readonly creditsSpent: number;
}

/** A row of `try_on_views`. */
export interface TryOnViewRow {
  readonly jobId: string;
  readonly view: HairView;
  readonly status: TryOnViewStatus;
  readonly fileKey: string | null;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  readonly failureCanRetry: boolean | null;
}

/** Why a view has no picture. */
export interface ViewFailure {
  readonly code: string;
  readonly message: string;
  readonly canRetry: boolean;
}

const COLUMNS = `t.id, t.hairstyle_id as "hairstyleId", t.source_key as "sourceKey",
  t.is_favourite as "isFavourite", t.is_preview as "isPreview", t.credits_held as "creditsHeld",
  t.credits_spent as "creditsSpent"`;
const VIEW_COLUMNS = `job_id as "jobId", view, status, file_key as "fileKey",
  failure_code as "failureCode", failure_message as "failureMessage",
  failure_can_retry as "failureCanRetry"`;

/** Every statement on `try_ons` and `try_on_views`. */
export class TryOnRepository {
  constructor(private readonly database: Database) {}

  /** Adds what belongs to a job that was started in this transaction, with its views PENDING. */
  async add(
    tx: Tx,
    tryOn: { id: string; hairstyleId: string; creditsHeld: number; views: readonly HairView[] },
  ): Promise<void> {
    await tx.execute(
      `with added as (
         insert into try_ons (id, hairstyle_id, credits_held) values ($1, $2, $3))
       insert into try_on_views (job_id, view) select $1, unnest($4::text[])`,
      [tryOn.id, tryOn.hairstyleId, tryOn.creditsHeld, tryOn.views],
    );
  }

  /** Try-ons by the ids of their jobs, whoever owns them. */
  byIds(ids: readonly string[]): Promise<TryOnRow[]> {
    return this.database.query<TryOnRow>(
      `select ${COLUMNS} from try_ons t where t.id = any($1)`,
      [ids],
      "try_ons_by_ids",
    );
  }

  /** The views of try-ons, in the order of the app. */
  viewsOf(jobIds: readonly string[]): Promise<TryOnViewRow[]> {
    return this.database.query<TryOnViewRow>(
      `select ${VIEW_COLUMNS} from try_on_views where job_id = any($1)
       order by array_position('{FRONT,RIGHT,LEFT,BACK}', view)`,
      [jobIds],
      "try_on_views",
    );
  }

  /** Ids of a user's favourites, newest first, `rowsToFetch` at most. */
  async favouriteIds(
    userId: string,
    page: PageRequest & { from: string | null },
  ): Promise<string[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    const rows = await this.database.query<{ id: string }>(
      `select t.id from try_ons t join ai_jobs j on j.id = t.id
       where t.is_favourite and j.user_id = $1 and ($2::text is null or t.id ${compare} $2)
       order by t.id ${order} limit $3`,
      [userId, page.from, rowsToFetch(page)],
    );
    return rows.map(({ id }) => id);
  }

  /** Marks a try-on, and moves its job, locked by the caller, to the next version; false when it was marked like that. */
  async setFavourite(tx: Tx, id: string, isFavourite: boolean): Promise<boolean> {
    const changed = await tx.execute(
      `with marked as (
         update try_ons set is_favourite = $2 where id = $1 and is_favourite <> $2 returning id)
       update ai_jobs j set version = j.version + 1 from marked where j.id = marked.id`,
      [id, isFavourite],
    );
    return changed === 1;
  }

  async setSource(tx: Tx, id: string, key: string): Promise<void> {
    await tx.execute("update try_ons set source_key = $2 where id = $1", [id, key]);
  }

  /** Stores the picture of a view that was PENDING. */
  async deliver(
    tx: Tx,
    view: {
      jobId: string;
      view: HairView;
      fileKey: string;
      reference: string | null;
      isPreview: boolean;
    },
  ): Promise<void> {
    await tx.execute(
      `with preview as (update try_ons set is_preview = $5 where id = $1)
       update try_on_views set status = 'SUCCEEDED', file_key = $3, provider_reference = $4,
         finished_at = now()
       where job_id = $1 and view = $2 and status = 'PENDING'`,
      [view.jobId, view.view, view.fileKey, view.reference, view.isPreview],
    );
  }

  /** Stores why a view that was PENDING has no picture. */
  async fail(
    tx: Tx,
    jobId: string,
    view: HairView,
    failure: ViewFailure & { reference: string | null },
  ): Promise<void> {
    await tx.execute(
      `update try_on_views set status = 'FAILED', failure_code = $3, failure_message = $4,
         failure_can_retry = $5, provider_reference = $6, finished_at = now()
       where job_id = $1 and view = $2 and status = 'PENDING'`,
      [jobId, view, failure.code, failure.message, failure.canRetry, failure.reference],
    );
  }

  /** Ends the views that are still PENDING. */
  async failPending(tx: Tx, jobId: string, failure: ViewFailure): Promise<void> {
    await tx.execute(
      `update try_on_views set status = 'FAILED', failure_code = $2, failure_message = $3,
         failure_can_retry = $4, finished_at = now()
       where job_id = $1 and status = 'PENDING'`,
      [jobId, failure.code, failure.message, failure.canRetry],
    );
  }

  /** How many pictures a try-on has brought. */
  async delivered(tx: Tx, jobId: string): Promise<number> {
    const rows = await tx.query<{ count: number }>(
      "select count(*)::int as count from try_on_views where job_id = $1 and status = 'SUCCEEDED'",
      [jobId],
    );
    return rows[0]?.count ?? 0;
  }

  /** What a try-on has cost in the end. */
  async settle(tx: Tx, id: string, creditsSpent: number): Promise<void> {
    await tx.execute("update try_ons set credits_held = 0, credits_spent = $2 where id = $1", [
      id,
      creditsSpent,
    ]);
  }

  /** Everything about a user's try-ons, for an export, oldest first. */
  ofUser(userId: string): Promise<(TryOnRow & { askedAt: Date; status: string; style: string })[]> {
    return this.database.query(
      `select ${COLUMNS}, j.queued_at as "askedAt", j.status, h.name_en as style
       from try_ons t join ai_jobs j on j.id = t.id join hairstyles h on h.id = t.hairstyle_id
       where j.user_id = $1 order by t.id`,
      [userId],
    );
  }
}
