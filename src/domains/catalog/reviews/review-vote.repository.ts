import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** That a review has helped somebody. */
export interface ReviewVote {
  readonly userId: string;
  readonly reviewId: string;
}

/** Reads and writes who was helped by which review. The counts of the reviews follow by triggers. */
export class ReviewVoteRepository {
  constructor(private readonly database: Database) {}

  /** Counts once, however often it is called. */
  async add(tx: Tx, { userId, reviewId }: ReviewVote): Promise<void> {
    await tx.execute(
      "insert into review_votes (review_id, user_id) values ($1, $2) on conflict do nothing",
      [reviewId, userId],
    );
  }

  async remove(tx: Tx, { userId, reviewId }: ReviewVote): Promise<void> {
    await tx.execute("delete from review_votes where review_id = $1 and user_id = $2", [
      reviewId,
      userId,
    ]);
  }

  /** Those of the votes that were given; for several people also what only another of them was asked about. */
  among(votes: readonly ReviewVote[]): Promise<ReviewVote[]> {
    return this.database.query(
      `select user_id as "userId", review_id as "reviewId" from review_votes
       where user_id = any($1) and review_id = any($2)`,
      [[...new Set(votes.map(({ userId }) => userId))], votes.map(({ reviewId }) => reviewId)],
      "catalog.review_votes_among",
    );
  }

  /** All votes that a person gave, last given first. */
  allOf(userId: string): Promise<{ reviewId: string; votedAt: Date }[]> {
    return this.database.query(
      `select review_id as "reviewId", created_at as "votedAt" from review_votes
       where user_id = $1 order by created_at desc, review_id`,
      [userId],
    );
  }

  /** Gives one person's votes to another; none for what he wrote himself by now. @returns how many he did not have */
  async move(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    const moved = await tx.execute(
      `insert into review_votes (review_id, user_id, created_at)
       select v.review_id, $2, v.created_at from review_votes v
       join reviews r on r.id = v.review_id and r.user_id is distinct from $2
       where v.user_id = $1 on conflict do nothing`,
      [fromUserId, toUserId],
    );
    await tx.execute(
      `delete from review_votes v where v.user_id = $1 or (v.user_id = $2
         and exists (select from reviews r where r.id = v.review_id and r.user_id = $2))`,
      [fromUserId, toUserId],
    );
    return moved;
  }

  async deleteAllOf(userId: string): Promise<void> {
    await this.database.query("delete from review_votes where user_id = $1", [userId]);
  }
}
