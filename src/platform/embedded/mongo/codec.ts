import { deserialize, serialize, type Document } from "bson";
import type { Doc } from "./values/value.ts";

/** Reads one BSON document. Whole 64-bit numbers become doubles where that is exact. */
export const decode = (bytes: Uint8Array): Doc =>
  deserialize(bytes, {
    promoteValues: true,
    promoteLongs: true,
    promoteBuffers: false,
    bsonRegExp: true,
    allowObjectSmallerThanBufferSize: false,
  });

export const encode = (doc: Document): Uint8Array => serialize(doc);

/** The largest document that MongoDB stores. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
