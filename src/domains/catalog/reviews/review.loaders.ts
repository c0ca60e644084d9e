import DataLoader from "dataloader";
import type { Loaders } from "../../../platform/graphql/loaders.ts";
import { oneRowByKey, type RowLoader } from "../../../platform/graphql/row-loader.ts";
import type { OwnReview, OwnReviewKey, OwnReviewRepository } from "./own-review.repository.ts";
import type { ReviewVote, ReviewVoteRepository } from "./review-vote.repository.ts";
import type { ReviewReads } from "./review.reads.ts";
import { reviewGroups, type ReviewRow } from "./review.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** An approved review by its id. */
    review: RowLoader<ReviewRow | null>;
    /** A review of a person, whatever its state, by its id or that of its product. */
    ownReview: DataLoader<OwnReviewKey, OwnReview | null, string>;
    /** Whether a review has helped a person. */
    hasVoted: DataLoader<ReviewVote, boolean, string>;
  }
}

/** The loaders of one operation. */
export const createReviewLoaders = (from: {
  readonly reads: ReviewReads;
  readonly own: OwnReviewRepository;
  readonly votes: ReviewVoteRepository;
}): Pick<Loaders, "review" | "ownReview" | "hasVoted"> => ({
  review: oneRowByKey(
    (ids, columns) => from.reads.byIds(reviewGroups(columns), ids),
    (row) => row.id,
  ),
  ownReview: new DataLoader(
    async (keys: readonly OwnReviewKey[]) => {
      const rows = await from.own.among(keys);
      return keys.map(
        ({ userId, id }) =>
          rows.find((row) => row.userId === userId && (row.id === id || row.productId === id)) ??
          null,
      );
    },
    { cacheKeyFn: ({ userId, id }) => `${userId} ${id}` },
  ),
  hasVoted: new DataLoader(
    async (votes: readonly ReviewVote[]) => {
      const given = new Set((await from.votes.among(votes)).map(keyOf));
      return votes.map((vote) => given.has(keyOf(vote)));
    },
    { cacheKeyFn: keyOf },
  ),
});

function keyOf({ userId, reviewId }: ReviewVote): string {
  return `${userId} ${reviewId}`;
}
