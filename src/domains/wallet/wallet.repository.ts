import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import { walletId, type WalletKey } from "./wallet.id.ts";
import { WalletCurrencies, type WalletCurrency } from "./wallet.vocabulary.ts";

/** A balance of a user. */
export interface Wallet {
  readonly id: string;
  readonly userId: string;
  readonly currency: WalletCurrency;
  /** The sum of the wallet's ledger entries, what is held included. */
  readonly balance: number;
  /** The sum of the pending holds. */
  readonly held: number;
  /** Rises with each change of balance or held; 0 before the first. */
  readonly version: number;
}

/** What is in a locked wallet. */
export interface WalletContents {
  readonly balance: number;
  readonly held: number;
  /** Whose wallet took this one over. */
  readonly movedTo: string | null;
}

/** Reads and writes `wallets`. */
export class WalletRepository {
  constructor(private readonly database: Database) {}

  /** The wallets of some users, one per currency; those that nothing has been booked on are empty. */
  async ofUsers(userIds: readonly string[]): Promise<Wallet[]> {
    const rows = await this.database.query<Omit<Wallet, "id">>(
      `select user_id as "userId", currency, balance, held, version from wallets
       where user_id = any($1)`,
      [userIds],
      "wallet.of_users",
    );
    const stored = new Map(rows.map((row) => [walletId(row), row]));
    return userIds.flatMap((userId) =>
      Object.values(WalletCurrencies).map((currency) => {
        const id = walletId({ userId, currency });
        return { userId, currency, balance: 0, held: 0, version: 0, ...stored.get(id), id };
      }),
    );
  }

  /** How often the wallets of each user have changed. */
  async versions(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ userId: string; version: number }>(
      `select user_id as "userId", sum(version)::int as version from wallets
       where user_id = any($1) group by user_id`,
      [userIds],
      "wallet.versions",
    );
    return new Map(rows.map((row) => [row.userId, row.version]));
  }

  /** Makes sure that a wallet has its row. @returns Whether it was made just now. */
  async ensure(tx: Tx, key: WalletKey): Promise<boolean> {
    const added = await tx.execute(
      "insert into wallets (user_id, currency) values ($1, $2) on conflict do nothing",
      [key.userId, key.currency],
    );
    return added === 1;
  }

  /** Locks a wallet until the transaction ends and tells what is in it; null when it has no row. */
  async lock(tx: Tx, key: WalletKey): Promise<WalletContents | null> {
    const rows = await tx.query<WalletContents>(
      `select balance, held, moved_to as "movedTo" from wallets
       where user_id = $1 and currency = $2 for no key update`,
      [key.userId, key.currency],
    );
    return rows[0] ?? null;
  }

  /** From now on what is booked on an empty wallet goes to another user's. Nothing is held in it any more. */
  async close(tx: Tx, key: WalletKey, movedTo: string): Promise<void> {
    await tx.execute(
      `update wallets set moved_to = $3, version = version + 1, updated_at = clock_timestamp()
       where user_id = $1 and currency = $2`,
      [key.userId, key.currency, movedTo],
    );
  }

  /** Counts nothing as held any more; the holds go elsewhere in the same transaction. */
  async clearHeld(tx: Tx, key: WalletKey): Promise<void> {
    await tx.execute("update wallets set held = 0 where user_id = $1 and currency = $2", [
      key.userId,
      key.currency,
    ]);
  }
}
