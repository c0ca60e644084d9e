import type { Database } from "../../../platform/db/database.ts";
import { TIMES_AS_TEXT } from "../../../platform/db/row-types.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import { WHOLE_REVIEW, type ReviewRow } from "./review.repository.ts";
import type { ReviewStatus } from "./review.vocabulary.ts";

/** A review as its writer and the staff see it. */
export interface OwnReview extends Required<ReviewRow> {
  /** Null once the writer has left. */
  readonly userId: string | null;
  /** Rises with each change of what was written. */
  readonly version: number;
  /** When it was written, changed or decided about last; ISO 8601, UTC. */
  readonly updatedAt: string;
}

/** What a writer says. */
export interface ReviewContent {
  /** 1–5. */
  readonly rating: number;
  readonly title: string | null;
  readonly comment: string;
}

/** What is known of a review while its row is locked. */
export interface LockedReview extends ReviewContent {
  readonly productId: string;
  readonly userId: string | null;
  readonly status: ReviewStatus;
  readonly rejectionReason: string | null;
  readonly version: number;
  readonly wasApproved: boolean;
}

/** Whose review, and by what it is looked for. */
export interface OwnReviewKey {
  readonly userId: string;
  /** The id of the review or of its product. */
  readonly id: string;
}

export interface Decision {
  readonly status: "APPROVED" | "REJECTED";
  /** What the writer is told; for a rejection only. */
  readonly reason: string | null;
}

const COLUMNS = `${WHOLE_REVIEW}, r.status, r.rejection_reason as "rejectionReason",
  r.user_id as "userId", r.version, r.updated_at as "updatedAt"`;

/** Reads and writes reviews for their writers and the staff. Counters of products follow by triggers. */
export class OwnReviewRepository {
  constructor(private readonly database: Database) {}

  /** Makes the changes that a person makes to reviews take turns, until the transaction ends. */
  async lockWriter(tx: Tx, userId: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('reviews of ' || $1, 0))", [
      userId,
    ]);
  }

  /** How many of a person's reviews nobody has decided about. */
  async waitingOf(tx: Tx, userId: string): Promise<number> {
    const rows = await tx.query<{ count: number }>(
      "select count(*)::int as count from reviews where user_id = $1 and status = 'PENDING'",
      [userId],
    );
    return rows[0]?.count ?? 0;
  }

  async isOnSale(tx: Tx, productId: string): Promise<boolean> {
    const rows = await tx.query("select 1 from products where id = $1 and status = 'active'", [
      productId,
    ]);
    return rows.length === 1;
  }

  /** A review that nobody else changes until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<LockedReview | null> {
    const rows = await tx.query<LockedReview>(
      `select product_id as "productId", user_id as "userId", rating, title, comment, status,
         rejection_reason as "rejectionReason", version, approved_at is not null as "wasApproved"
       from reviews where id = $1 for no key update`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Locks all reviews of a person. */
  async lockAllOf(tx: Tx, userId: string): Promise<void> {
    await tx.query("select 1 from reviews where user_id = $1 order by id for no key update", [
      userId,
    ]);
  }

  /** Has other words wait for a decision. */
  async change(tx: Tx, id: string, content: ReviewContent): Promise<void> {
    await tx.execute(
      `update reviews set rating = $2, title = $3, comment = $4, status = 'PENDING',
         rejection_reason = null, version = version + 1, updated_at = now() where id = $1`,
      [id, content.rating, content.title, content.comment],
    );
  }

  async decide(tx: Tx, id: string, { status, reason }: Decision): Promise<void> {
    await tx.execute(
      `update reviews set status = $2, rejection_reason = $3, updated_at = now(),
         approved_at = case when $2 = 'APPROVED' then coalesce(approved_at, now()) else approved_at end
       where id = $1`,
      [id, status, reason],
    );
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.execute("delete from reviews where id = $1", [id]);
  }

  /** The reviews of some people, whatever their state; for several people also what only another of them was asked about. */
  among(keys: readonly OwnReviewKey[]): Promise<OwnReview[]> {
    return this.database.query(
      `select ${COLUMNS} from reviews r
       where r.user_id = any($1) and (r.product_id = any($2) or r.id = any($2))`,
      [[...new Set(keys.map(({ userId }) => userId))], keys.map(({ id }) => id)],
      "catalog.own_reviews",
      TIMES_AS_TEXT,
    );
  }

  /** Reviews by their ids, whatever their state. */
  byIds(ids: readonly string[]): Promise<OwnReview[]> {
    return this.database.query(
      `select ${COLUMNS} from reviews r where r.id = any($1)`,
      [ids],
      "catalog.reviews_of_any_state",
      TIMES_AS_TEXT,
    );
  }

  /** Up to `rowsToFetch` reviews of a person, last written first, in the direction of the request. */
  pageOf(userId: string, request: PageRequest): Promise<OwnReview[]> {
    return this.page("r.user_id = $1", userId, request, !request.backward);
  }

  /** Up to `rowsToFetch` reviews in a state, first written first, in the direction of the request. */
  inState(status: ReviewStatus, request: PageRequest): Promise<OwnReview[]> {
    return this.page("r.status = $1", status, request, request.backward);
  }

  /** Everything that a person wrote, newest first. */
  writtenBy(userId: string): Promise<OwnReview[]> {
    return this.database.query(
      `select ${COLUMNS} from reviews r where r.user_id = $1 order by r.id desc`,
      [userId],
      undefined,
      TIMES_AS_TEXT,
    );
  }

  /** Gives one person's reviews to another, who keeps his own where both wrote about a product. @returns how many moved */
  async move(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    await tx.execute(
      `delete from reviews r using reviews kept where r.user_id = $1
       and kept.user_id = $2 and kept.product_id = r.product_id`,
      [fromUserId, toUserId],
    );
    return tx.execute("update reviews set user_id = $2 where user_id = $1", [fromUserId, toUserId]);
  }

  /** Keeps what a person wrote for other shoppers, without the person, and deletes what nobody else has seen. */
  async forgetWriter(userId: string): Promise<void> {
    await this.database.query("delete from reviews where user_id = $1 and status <> 'APPROVED'", [
      userId,
    ]);
    await this.database.query(
      "update reviews set user_id = null, author_name = null where user_id = $1",
      [userId],
    );
  }

  private page(
    condition: string,
    value: string,
    request: PageRequest,
    descending: boolean,
  ): Promise<OwnReview[]> {
    const [compare, order] = descending ? ["<", "desc"] : [">", "asc"];
    return this.database.query(
      `select ${COLUMNS} from reviews r where ${condition}
         and ($2::text is null or r.id ${compare} $2) order by r.id ${order} limit $3`,
      [value, request.beyond?.[0] ?? null, rowsToFetch(request)],
      undefined,
      TIMES_AS_TEXT,
    );
  }
}
