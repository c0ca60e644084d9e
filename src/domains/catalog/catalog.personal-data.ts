import type { PersonalData } from "../../platform/module.ts";
import type { OwnReviewRepository } from "./reviews/own-review.repository.ts";
import type { ReviewVoteRepository } from "./reviews/review-vote.repository.ts";
import type { WishlistRepository } from "./wishlists/wishlist.repository.ts";

/**
 * How reviews, votes and wishlists are handed over, moved and forgotten. Approved reviews stay for other shoppers, without their
 * writer.
 */
export const createCatalogPersonalData = ({
  own,
  votes,
  wishlists,
}: {
  readonly own: OwnReviewRepository;
  readonly votes: ReviewVoteRepository;
  readonly wishlists: WishlistRepository;
}): PersonalData => ({
  name: "shop",
  tables: ["reviews", "review_votes", "wishlist_items"],
  export: async (userId) => ({
    reviews: (await own.writtenBy(userId)).map(
      ({ userId: _writer, version: _version, ...review }) => review,
    ),
    helpfulReviews: await votes.allOf(userId),
    wishlist: await wishlists.allOf(userId),
  }),
  lock: async (tx, userId) => {
    await own.lockWriter(tx, userId);
    await own.lockAllOf(tx, userId);
  },
  merge: async (tx, { fromUserId, toUserId }) => {
    await own.lockWriter(tx, toUserId);
    // Votes come second: none is left for what the account has written by then.
    return {
      reviews: await own.move(tx, fromUserId, toUserId),
      reviewVotes: await votes.move(tx, fromUserId, toUserId),
      wishlistItems: await wishlists.move(tx, fromUserId, toUserId),
    };
  },
  erase: async (userId) => {
    await own.forgetWriter(userId);
    await votes.deleteAllOf(userId);
    await wishlists.deleteAllOf(userId);
  },
});
