import DataLoader from "dataloader";
import type { Loaders } from "../../../platform/graphql/loaders.ts";
import type { Wish, WishlistRepository } from "./wishlist.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** Whether a person has a product on the wishlist. */
    isWishlisted: DataLoader<Wish, boolean, string>;
  }
}

/** The loaders of one operation. */
/** The loaders of one operation. */
export const createWishlistLoaders = (
  wishlists: WishlistRepository,
): Pick<Loaders, "isWishlisted"> => ({
  isWishlisted: new DataLoader(
    async (wishes: readonly Wish[]) => {
      const made = new Set((await wishlists.among(wishes)).map(keyOf));
      return wishes.map((wish) => made.has(keyOf(wish)));
    },
    { cacheKeyFn: keyOf },
  ),
});

function keyOf({ userId, productId }: Wish): string {
  return `${userId} ${productId}`;
}
