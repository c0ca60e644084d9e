import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** How many things of a kind an account got from a guest. */
export interface MergedThings {
  /** What kind: camelCase. */
  readonly name: string;
  readonly count: number;
}

export interface Merge {
  readonly guestId: string;
  readonly userId: string;
  /** Id of the row of the device that showed the guest. */
  readonly deviceId: string;
  readonly merged: readonly MergedThings[];
}

/** Reads and writes `account_merges`: which guests have become part of which account. */
export class MergeRepository {
  async add(tx: Tx, merge: Merge): Promise<void> {
    await tx.execute(
      `insert into account_merges (guest_id, user_id, device_id, merged) values ($1, $2, $3, $4)`,
      [merge.guestId, merge.userId, merge.deviceId, JSON.stringify(merge.merged)],
    );
  }

  /** What an account got with a device; null when no guest came with it. */
  async reportOf(tx: Tx, userId: string, deviceId: string): Promise<MergedThings[] | null> {
    const rows = await tx.query<{ merged: MergedThings[] }>(
      `select merged from account_merges where user_id = $1 and device_id = $2
       order by created_at desc limit 1`,
      [userId, deviceId],
    );
    return rows[0]?.merged ?? null;
  }
}
