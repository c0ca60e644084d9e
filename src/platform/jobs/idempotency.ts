import { createHash } from "node:crypto";
import type { Database } from "../db/database.ts";
import type { Tx } from "../db/unit-of-work.ts";
import { badUserInput, idempotencyMismatch } from "../graphql/errors.ts";

const MAX_KEY_LENGTH = 128;
const KEEP_DAYS = 30;

/** A call that must have its effect once, however often it is sent. */
export interface IdempotentCall {
  readonly userId: string;
  /** Null when the client does not ask for it. */
  readonly key: string | null | undefined;
  /** Names the mutation: the same key for another one is a mismatch. */
  readonly operation: string;
  /** Everything that decides about the effect. */
  readonly input: unknown;
}

/** Remembers results by the client's key, in the transaction of the effect. */
export class Idempotency {
  constructor(private readonly database: Database) {}

  /** Checks the form of a key before anything else is done. @throws BAD_USER_INPUT */
  static checkKey(key: string | null | undefined): void {
    if (key == null) return;
    if (key.length === 0 || key.length > MAX_KEY_LENGTH || /[\0-\x1f]/.test(key)) {
      throw badUserInput(`An idempotency key has 1 to ${MAX_KEY_LENGTH} printable characters.`, [
        "input",
        "idempotencyKey",
      ]);
    }
  }

  /**
   * The stored result of an earlier call with this key, null when there is none.
   * @throws IDEMPOTENCY_MISMATCH when that call had other input.
   */
  async find<R>(call: IdempotentCall): Promise<R | null> {
    if (call.key == null) return null;
    const rows = await this.database.query<StoredResult>(FIND, [call.userId, call.key]);
    return rows[0] ? matching<R>(rows[0], call) : null;
  }

  /**
   * Runs the effect once per key: concurrent calls with one key wait for the first and get its result.
   * A refused or failed effect leaves the key free.
   * @param work Does the effect and returns a small JSON result, such as ids.
   */
  async once<R>(tx: Tx, call: IdempotentCall, work: () => Promise<R>): Promise<R> {
    if (call.key == null) return work();
    const claimed = await tx.execute(
      `insert into idempotency_keys (user_id, key, operation, input_hash) values ($1, $2, $3, $4)
       on conflict do nothing`,
      [call.userId, call.key, call.operation, hashOf(call.input)],
    );
    if (claimed === 0) {
      const rows = await tx.query<StoredResult>(FIND, [call.userId, call.key]);
      if (rows[0]) return matching<R>(rows[0], call);
      throw new Error("An idempotency key was taken and is gone.");
    }
    const result = await work();
    await tx.query("update idempotency_keys set result = $3 where user_id = $1 and key = $2", [
      call.userId,
      call.key,
      JSON.stringify(result),
    ]);
    return result;
  }

  /** Forgets keys older than thirty days. */
  async prune(): Promise<void> {
    await this.database.query(
      "delete from idempotency_keys where created_at < now() - make_interval(days => $1)",
      [KEEP_DAYS],
    );
  }
}

const FIND =
  "select operation, input_hash, result from idempotency_keys where user_id = $1 and key = $2";

interface StoredResult {
  operation: string;
  input_hash: string;
  result: unknown;
}

function matching<R>(stored: StoredResult, call: IdempotentCall): R {
  if (stored.operation !== call.operation || stored.input_hash !== hashOf(call.input)) {
    throw idempotencyMismatch();
  }
  return stored.result as R;
}

/** A hash that does not depend on the order of keys. */
function hashOf(input: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(input)))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}
