import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Store } from "../billing.ports.ts";

/** Every statement on `store_customers`. */
export class CustomerRepository {
  constructor(private readonly database: Database) {}

  /** Remembers whose a store's customer is; the first word counts. It becomes the user's current one if there is none. */
  async link(
    tx: Tx,
    link: { store: Store; customerId: string; userId: string },
  ): Promise<{ userId: string }> {
    for (const current of [true, false]) {
      await tx.execute(
        `insert into store_customers (store, customer_id, user_id, current)
         values ($1, $2, $3, $4) on conflict do nothing`,
        [link.store, link.customerId, link.userId, current],
      );
    }
    const userId = await this.userOf(tx, link.store, link.customerId);
    return { userId: userId ?? link.userId };
  }

  /** Whose a customer is; null when nobody said it yet. */
  async userOf(tx: Tx, store: Store, customerId: string): Promise<string | null> {
    const rows = await tx.query<{ userId: string }>(
      `select user_id as "userId" from store_customers where store = $1 and customer_id = $2`,
      [store, customerId],
    );
    return rows[0]?.userId ?? null;
  }

  /** As whom a user buys in a store; null before the first time. */
  async currentOf(userId: string, store: Store): Promise<string | null> {
    const rows = await this.database.query<{ customerId: string }>(
      `select customer_id as "customerId" from store_customers
       where user_id = $1 and store = $2 and current`,
      [userId, store],
      "customer_current",
    );
    return rows[0]?.customerId ?? null;
  }

  /** Makes a user's customers another user's; that one's own stay current. */
  async move(tx: Tx, move: { fromUserId: string; toUserId: string }): Promise<void> {
    await tx.execute(
      `update store_customers as moved set user_id = $2,
         current = moved.current and not exists (
           select 1 from store_customers as kept
           where kept.user_id = $2 and kept.store = moved.store and kept.current)
       where user_id = $1`,
      [move.fromUserId, move.toUserId],
    );
  }

  /** Forgets who a user was in the stores. */
  async forget(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from store_customers where user_id = $1", [userId]);
  }
}
