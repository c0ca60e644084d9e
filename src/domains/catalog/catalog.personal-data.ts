import type { PersonalData } from "../../platform/module.ts";
import type { ReviewRepository } from "./reviews/review.repository.ts";
import type { WishlistRepository } from "./wishlists/wishlist.repository.ts";

/** How reviews and wishlists are handed over, moved and forgotten. Reviews stay for other shoppers, without their writer. */
export const createCatalogPersonalData = ({
  reviews,
  wishlists,
}: {
  readonly reviews: ReviewRepository;
  readonly wishlists: WishlistRepository;
}): PersonalData => ({
  name: "shop",
  tables: ["reviews", "wishlist_items"],
  export: async (userId) => ({
    reviews: await reviews.writtenBy(userId),
    wishlist: await wishlists.allOf(userId),
  }),
  merge: async (tx, { fromUserId, toUserId }) => ({
    reviews: await reviews.move(tx, fromUserId, toUserId),
    wishlistItems: await wishlists.move(tx, fromUserId, toUserId),
  }),
  erase: async (userId) => {
    await reviews.forgetWriter(userId);
    await wishlists.deleteAllOf(userId);
  },
});
