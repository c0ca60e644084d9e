import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** A package that a user set out to buy. */
export interface Checkout {
  /** Our name for it at the store, which comes back with the payment. */
  readonly id: string;
  /** Whose it is now. */
  readonly userId: string;
  /** Who began it: another one when a guest has become an account since. */
  readonly openedBy: string;
  readonly packageName: string;
  readonly productId: string;
  readonly idempotencyKey: string;
  readonly returnUrl: string;
  readonly cancelUrl: string;
  /** Where it is paid; null until the store has opened it. */
  readonly url: string | null;
  readonly storeCheckoutId: string | null;
}

const CHECKOUT = `c.id, c.user_id as "userId", c.opened_by as "openedBy",
  c.package_name as "packageName", c.product_id as "productId",
  c.idempotency_key as "idempotencyKey", c.return_url as "returnUrl", c.cancel_url as "cancelUrl",
  c.url, c.store_checkout_id as "storeCheckoutId"`;

/** Every statement on `credit_checkouts`. */
export class CheckoutRepository {
  constructor(private readonly database: Database) {}

  /** Notes a checkout; the one that is there already when its user has used the key before. */
  async add(
    tx: Tx,
    checkout: Omit<Checkout, "openedBy" | "url" | "storeCheckoutId">,
  ): Promise<Checkout> {
    await tx.execute(
      `insert into credit_checkouts (id, user_id, opened_by, package_name, product_id,
         idempotency_key, return_url, cancel_url)
       values ($1, $2, $2, $3, $4, $5, $6, $7)
       on conflict (opened_by, idempotency_key) do nothing`,
      [
        checkout.id,
        checkout.userId,
        checkout.packageName,
        checkout.productId,
        checkout.idempotencyKey,
        checkout.returnUrl,
        checkout.cancelUrl,
      ],
    );
    const rows = await tx.query<Checkout>(
      `select ${CHECKOUT} from credit_checkouts c where c.opened_by = $1 and c.idempotency_key = $2`,
      [checkout.userId, checkout.idempotencyKey],
    );
    if (!rows[0]) throw new Error("A checkout was noted and is gone.");
    return rows[0];
  }

  /** Keeps what the store has opened, unless another call was first. @returns the address that counts */
  async opened(tx: Tx, id: string, page: { id: string; url: string }): Promise<string> {
    await tx.execute(
      `update credit_checkouts set store_checkout_id = $2, url = $3 where id = $1 and url is null`,
      [id, page.id, page.url],
    );
    const rows = await tx.query<{ url: string }>("select url from credit_checkouts where id = $1", [
      id,
    ]);
    if (!rows[0]) throw new Error("A checkout was opened and is gone.");
    return rows[0].url;
  }

  async byId(tx: Tx, id: string): Promise<Checkout | null> {
    const rows = await tx.query<Checkout>(
      `select ${CHECKOUT} from credit_checkouts c where c.id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** What a user has opened at the store since a moment without a payment that succeeded, the newest first. */
  undecided(userId: string, since: Date, limit: number): Promise<Checkout[]> {
    return this.database.query<Checkout>(
      `select ${CHECKOUT} from credit_checkouts c
       where c.user_id = $1 and c.created_at >= $2 and c.store_checkout_id is not null
         and not exists (select from payments p
           where p.checkout_id = c.id and p.status = 'SUCCEEDED')
       order by c.id desc limit $3`,
      [userId, since, limit],
      "billing.undecided_checkouts",
    );
  }

  /** Makes one user's checkouts another's. @returns how many */
  move(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    return tx.execute("update credit_checkouts set user_id = $2 where user_id = $1", [
      fromUserId,
      toUserId,
    ]);
  }
}
