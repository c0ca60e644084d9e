import { withGroups, type ColumnGroup } from "../../../platform/db/column-groups.ts";
import type { Database } from "../../../platform/db/database.ts";
import { TIMES_AS_TEXT } from "../../../platform/db/row-types.ts";
import { StatementNames } from "../../../platform/db/statement-names.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import type { ReviewSort, ReviewStatus } from "./review.vocabulary.ts";

/** A review as shoppers see it, approved unless it says otherwise. What is optional is undefined where it was not read. */
export interface ReviewRow {
  readonly id: string;
  readonly productId: string;
  readonly rating: number;
  readonly title: string | null;
  readonly comment?: string;
  /** Null once the writer has left, or never told a name. */
  readonly authorName: string | null;
  readonly isVerifiedPurchase?: boolean;
  readonly helpfulCount?: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Read for its writer and the staff only. */
  readonly status?: ReviewStatus;
  /** Read for its writer and the staff only. */
  readonly rejectionReason?: string | null;
}

/** Groups of columns, as bits. */
export const ReviewColumns = {
  TEXTS: 1,
  /** What says how far to trust it. */
  TRUST: 2,
} as const;

/** The groups that there are: equal for those who read the same columns. */
export const reviewGroups = (columns: number): number => columns & (TEXTS | TRUST);

/** One page of the reviews of any product. */
export interface ReviewPageShape {
  readonly sort: ReviewSort;
  /** Only with so many stars. */
  readonly rating: number | null;
  readonly request: PageRequest;
  /** Groups of columns, as `reviewGroups` gives them. */
  readonly columns: number;
}

export interface NewReview {
  readonly id: string;
  readonly productId: string;
  readonly userId: string;
  readonly authorName: string | null;
  /** 1–5. */
  readonly rating: number;
  readonly title: string | null;
  readonly comment: string;
  readonly status: ReviewStatus;
  readonly isVerifiedPurchase: boolean;
}

/** A product whose counters disagree with its reviews. */
export interface MiscountedProduct {
  readonly productId: string;
  readonly counted: number[];
  readonly stored: number[];
}

/** A review that counts fewer votes than were given. */
export interface MisvotedReview {
  readonly reviewId: string;
  readonly counted: number;
  readonly stored: number;
}

const CARD = `r.id, r.product_id as "productId", r.rating, r.title,
  r.author_name as "authorName", r.created_at as "createdAt"`;
const { TEXTS, TRUST } = ReviewColumns;
const GROUPS: readonly ColumnGroup[] = [
  { bits: TEXTS, sql: "r.comment" },
  {
    bits: TRUST,
    sql: `r.is_verified_purchase as "isVerifiedPurchase", r.helpful_count as "helpfulCount"`,
  },
];

/** All that shoppers see of a review, of the table `r`. */
export const WHOLE_REVIEW = withGroups(CARD, GROUPS, TEXTS | TRUST);

const columnsOf = (columns: number): string => withGroups(CARD, GROUPS, columns);

/** What each order sorts by before the id; all parts in one direction, so that an index can be read either way. */
const ORDERS: Record<
  ReviewSort,
  { by: readonly string[]; descending: boolean; /** Groups that cursors need. */ needs?: number }
> = {
  NEWEST: { by: ["r.created_at"], descending: true },
  HIGHEST: { by: ["r.rating", "r.created_at"], descending: true },
  LOWEST: { by: ["r.rating", "r.created_at"], descending: false },
  MOST_HELPFUL: { by: ["r.helpful_count", "r.created_at"], descending: true, needs: TRUST },
};

/** Reads reviews for shoppers, and adds them. The counters of their products follow by triggers, in the same transaction. */
export class ReviewRepository {
  private readonly names = new StatementNames("catalog");

  constructor(private readonly database: Database) {}

  /** The same page of the approved reviews of each product, in one statement: up to `rowsToFetch` each. */
  ofProducts(
    { sort, rating, request, columns }: ReviewPageShape,
    productIds: readonly string[],
  ): Promise<ReviewRow[]> {
    const values: unknown[] = [productIds];
    const bind = (value: unknown) => `$${values.push(value)}`;
    const { by, descending, needs = 0 } = ORDERS[sort];
    const keys = [...by, "r.id"];
    const conditions = ["r.product_id = wanted.id", "r.status = 'APPROVED'"];
    if (rating !== null) conditions.push(`r.rating = ${bind(rating)}`);
    if (request.beyond !== null) {
      const given = request.beyond.map((part, index) => bind(keyOf(keys[index], part)));
      const sign = descending === request.backward ? ">" : "<";
      conditions.push(`(${keys.join(", ")}) ${sign} (${given.join(", ")})`);
    }
    const direction = descending === request.backward ? "asc" : "desc";
    const text = `
      select page.* from unnest($1::text[]) with ordinality as wanted(id, place)
      cross join lateral (
        select ${columnsOf(columns | needs)} from reviews r where ${conditions.join(" and ")}
        order by ${keys.map((key) => `${key} ${direction}`).join(", ")}
        limit ${bind(rowsToFetch(request))}
      ) as page`;
    return this.database.query(text, values, this.names.of(text), TIMES_AS_TEXT);
  }

  /** The approved ones among these. */
  byIds(ids: readonly string[], columns: number): Promise<ReviewRow[]> {
    return this.database.query(
      `select ${columnsOf(columns)} from reviews r where r.id = any($1) and r.status = 'APPROVED'`,
      [ids],
      `catalog.reviews_by_id.${columns}`,
      TIMES_AS_TEXT,
    );
  }

  /** Adds reviews in one statement; one that its writer has already given is left as it is. @returns how many were added */
  add(tx: Tx, reviews: readonly NewReview[]): Promise<number> {
    const column = <K extends keyof NewReview>(name: K) => reviews.map((review) => review[name]);
    return tx.execute(
      `insert into reviews (id, product_id, user_id, author_name, rating, title, comment, status,
         is_verified_purchase, approved_at)
       select id, product_id, user_id, nullif(author_name, ''), rating, title, comment, status, verified,
         case when status = 'APPROVED' then now() end
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[],
         $7::text[], $8::text[], $9::boolean[])
         as given(id, product_id, user_id, author_name, rating, title, comment, status, verified)
       on conflict on constraint reviews_one_each do nothing`,
      [
        column("id"),
        column("productId"),
        column("userId"),
        column("authorName"),
        column("rating"),
        column("title"),
        column("comment"),
        column("status"),
        column("isVerifiedPurchase"),
      ],
    );
  }

  /** Compares each product's counters with its reviews. */
  miscounted(): Promise<MiscountedProduct[]> {
    return this.database.query(
      `select p.id as "productId", p.rating_histogram as stored, counted.stars as counted
       from products p cross join lateral (
         select array_agg((
           select count(*)::int from reviews r
           where r.product_id = p.id and r.status = 'APPROVED' and r.rating = star
         ) order by star) as stars from generate_series(1, 5) as star
       ) as counted
       where p.rating_histogram <> counted.stars order by p.id`,
    );
  }

  /** Reviews that helped more people than they tell. Those that came with a count from elsewhere may tell more. */
  misvoted(): Promise<MisvotedReview[]> {
    return this.database.query(
      `select r.id as "reviewId", r.helpful_count as stored, count(v.user_id)::int as counted
       from reviews r join review_votes v on v.review_id = r.id
       group by r.id having r.helpful_count < count(v.user_id) order by r.id`,
    );
  }
}

const keyOf = (column: string | undefined, part: string | number | null): unknown =>
  column === "r.created_at" ? new Date(Number(part)).toISOString() : part;
