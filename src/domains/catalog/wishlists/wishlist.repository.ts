import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";

export interface WishlistItemRow {
  readonly productId: string;
  readonly addedAt: Date;
}

/** A product that a person may have put on a wishlist. */
export interface Wish {
  readonly userId: string;
  readonly productId: string;
}

/** Reads and writes wishlists. */
export class WishlistRepository {
  constructor(private readonly database: Database) {}

  /** Adds a product on sale; one that is there stays where it is. */
  async add(tx: Tx, { userId, productId }: Wish): Promise<void> {
    await tx.execute(
      `insert into wishlist_items (user_id, product_id)
       select $1, id from products where id = $2 and status = 'active' on conflict do nothing`,
      [userId, productId],
    );
  }

  async remove(tx: Tx, { userId, productId }: Wish): Promise<void> {
    await tx.execute("delete from wishlist_items where user_id = $1 and product_id = $2", [
      userId,
      productId,
    ]);
  }

  /** Up to `rowsToFetch` items in the direction of the request; last added first. */
  pageOf(userId: string, request: PageRequest): Promise<WishlistItemRow[]> {
    const values: unknown[] = [userId, rowsToFetch(request)];
    const { backward, beyond } = request;
    if (beyond !== null) values.push(new Date(Number(beyond[0])).toISOString(), beyond[1]);
    const behind = `and (created_at, product_id) ${backward ? ">" : "<"} ($3, $4)`;
    const direction = backward ? "asc" : "desc";
    return this.database.query(
      `select product_id as "productId", created_at as "addedAt" from wishlist_items
       where user_id = $1 ${beyond === null ? "" : behind}
       order by created_at ${direction}, product_id ${direction} limit $2`,
      values,
      `catalog.wishlist${backward ? "_backward" : ""}${beyond === null ? "" : "_beyond"}`,
    );
  }

  /** Those of the wishes that have been made; for several people also what only another of them was asked about. */
  among(wishes: readonly Wish[]): Promise<Wish[]> {
    return this.database.query(
      `select user_id as "userId", product_id as "productId" from wishlist_items
       where user_id = any($1) and product_id = any($2)`,
      [[...new Set(wishes.map(({ userId }) => userId))], wishes.map(({ productId }) => productId)],
      "catalog.wishes_among",
    );
  }

  /** Everything on a person's list, last added first. */
  allOf(userId: string): Promise<WishlistItemRow[]> {
    return this.database.query(
      `select product_id as "productId", created_at as "addedAt" from wishlist_items
       where user_id = $1 order by created_at desc, product_id desc`,
      [userId],
    );
  }

  /** Gives one person's list to another. @returns how many items the other one did not have */
  async move(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    const moved = await tx.execute(
      `insert into wishlist_items (user_id, product_id, created_at)
       select $2, product_id, created_at from wishlist_items where user_id = $1
       on conflict do nothing`,
      [fromUserId, toUserId],
    );
    await tx.execute("delete from wishlist_items where user_id = $1", [fromUserId]);
    return moved;
  }

  async deleteAllOf(userId: string): Promise<void> {
    await this.database.query("delete from wishlist_items where user_id = $1", [userId]);
  }
}
