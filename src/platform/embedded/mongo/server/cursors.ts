import { randomInt } from "node:crypto";
import { calculateObjectSize } from "bson";
import { MongoFault } from "../fault.ts";
import type { Doc } from "../values/value.ts";
import type { Reply } from "./request.ts";
import { long } from "./wire.ts";

const FIRST_BATCH = 101;
const BATCH_BYTES = 16_000_000;
const IDLE_MS = 600_000;

interface Cursor {
  readonly namespace: string;
  readonly docs: readonly Doc[];
  next: number;
  usedAt: number;
}

/** Results that are fetched in several batches. A cursor keeps the documents as they were at its beginning. */
export class Cursors {
  private readonly open = new Map<number, Cursor>();

  /** The answer to find, aggregate and the listings: the first batch, and an id when more is to come. */
  first(namespace: string, docs: readonly Doc[], batchSize = FIRST_BATCH, single = false): Reply {
    this.forgetIdle();
    const cursor: Cursor = { namespace, docs, next: 0, usedAt: Date.now() };
    const firstBatch = takeBatch(cursor, batchSize);
    const done = single || cursor.next >= docs.length;
    const id = done ? 0 : randomInt(1, 2 ** 48 - 1);
    if (!done) this.open.set(id, cursor);
    return { cursor: { firstBatch, id: long(id), ns: namespace } };
  }

  next(id: number, namespace: string, batchSize = Infinity): Reply {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoFault(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoFault(13, `the cursor belongs to ${cursor.namespace}`);
    }
    cursor.usedAt = Date.now();
    const nextBatch = takeBatch(cursor, batchSize === 0 ? Infinity : batchSize);
    const done = cursor.next >= cursor.docs.length;
    if (done) this.open.delete(id);
    return { cursor: { nextBatch, id: long(done ? 0 : id), ns: namespace } };
  }

  /** Whether there was such a cursor. */
  kill(id: number): boolean {
    return this.open.delete(id);
  }

  private forgetIdle(): void {
    const limit = Date.now() - IDLE_MS;
    for (const [id, cursor] of this.open) if (cursor.usedAt < limit) this.open.delete(id);
  }
}

function takeBatch(cursor: Cursor, batchSize: number): Doc[] {
  const batch: Doc[] = [];
  let bytes = 0;
  while (cursor.next < cursor.docs.length && batch.length < batchSize) {
    const doc = cursor.docs[cursor.next] as Doc;
    bytes += calculateObjectSize(doc);
    if (bytes > BATCH_BYTES && batch.length > 0) break;
    batch.push(doc);
    cursor.next += 1;
  }
  return batch;
}
