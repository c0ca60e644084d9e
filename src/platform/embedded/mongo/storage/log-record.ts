import { crc32 } from "node:zlib";
import { decode, encode } from "../codec.ts";
import type { Doc, Value } from "../values/value.ts";

/** One change, in the form in which it is kept on disk. */
export type Change =
  | { readonly do: "make"; readonly in: string }
  | { readonly do: "drop"; readonly in: string }
  | { readonly do: "put"; readonly in: string; readonly doc: Doc }
  | { readonly do: "remove"; readonly in: string; readonly id: Value }
  | { readonly do: "index"; readonly in: string; readonly spec: Doc }
  | { readonly do: "unindex"; readonly in: string; readonly name: string };

const HEADER_BYTES = 8;

/** A record: length and checksum (32 bits each, little-endian) before the BSON of the change. */
export function encodeRecord(change: Change): Buffer {
  const body = encode(change);
  const record = Buffer.allocUnsafe(HEADER_BYTES + body.byteLength);
  record.writeUInt32LE(body.byteLength, 0);
  record.writeUInt32LE(crc32(body), 4);
  record.set(body, HEADER_BYTES);
  return record;
}

/**
 * Reads the records from `offset` on, for at most about `most` bytes. `end` is where the last whole
 * record ends; `damaged` tells that what follows is no whole record.
 */
export function decodeRecords(
  bytes: Buffer,
  offset: number,
  most: number,
): { changes: Change[]; end: number; damaged: boolean } {
  const changes: Change[] = [];
  let end = offset;
  while (end < bytes.length && end - offset < most) {
    const start = end + HEADER_BYTES;
    if (start > bytes.length) return { changes, end, damaged: true };
    const length = bytes.readUInt32LE(end);
    const body = bytes.subarray(start, start + length);
    const whole =
      length > 0 && body.length === length && crc32(body) === bytes.readUInt32LE(end + 4);
    if (!whole) return { changes, end, damaged: true };
    changes.push(decode(body) as unknown as Change);
    end = start + length;
  }
  return { changes, end, damaged: false };
}
