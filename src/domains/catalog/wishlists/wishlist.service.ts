import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import type { Wish, WishlistItemRow, WishlistRepository } from "./wishlist.repository.ts";

/** What people would like to have. */
export class WishlistService {
  constructor(
    private readonly deps: { readonly wishlists: WishlistRepository; readonly uow: UnitOfWork },
  ) {}

  /** Puts a product on sale on the list; doing it again changes nothing. */
  add(wish: Wish): Promise<void> {
    return this.deps.uow.run((tx) => this.deps.wishlists.add(tx, wish));
  }

  /** Takes a product off the list; one that is not there is no fault. */
  remove(wish: Wish): Promise<void> {
    return this.deps.uow.run((tx) => this.deps.wishlists.remove(tx, wish));
  }

  /** Up to `rowsToFetch` items, last added first, in the direction of the request. */
  pageOf(userId: string, request: PageRequest): Promise<WishlistItemRow[]> {
    return this.deps.wishlists.pageOf(userId, request);
  }
}
