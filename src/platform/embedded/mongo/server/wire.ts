import { Long } from "bson";
import { decode, encode } from "../codec.ts";
import { MongoFault } from "../fault.ts";
import type { Doc, Value } from "../values/value.ts";

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
export const MAX_MESSAGE_BYTES = 48_000_000;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** One request of a driver. */
export interface Message {
  readonly requestId: number;
  /** The command, with its document sequences put in as arrays. */
  readonly body: Doc;
  /** False when the driver does not wait for an answer. */
  readonly wantsReply: boolean;
  readonly isLegacy: boolean;
}

/** Cuts the stream of a connection into messages. */
export class MessageReader {
  private pending: Buffer = Buffer.alloc(0);

  /** The messages that are complete now. Throws when the stream is not the MongoDB protocol. */
  push(chunk: Buffer): Buffer[] {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const messages: Buffer[] = [];
    while (this.pending.length >= 4) {
      const length = this.pending.readInt32LE(0);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
        throw new MongoFault(17, `a message of ${length} bytes`);
      }
      if (this.pending.length < length) break;
      messages.push(this.pending.subarray(0, length));
      this.pending = this.pending.subarray(length);
    }
    return messages;
  }
}

/** Reads OP_MSG, and OP_QUERY as drivers use it for their first hello. Throws for other messages. */
export function parseMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === OP_MSG) return parseMsg(bytes, requestId);
  if (opCode === OP_QUERY) {
    const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
    const database = bytes.toString("utf8", HEADER_BYTES + 4, nameEnd).split(".")[0] ?? "";
    const body = decode(documentAt(bytes, nameEnd + 9));
    return { requestId, body: { ...body, $db: database }, wantsReply: true, isLegacy: true };
  }
  throw new MongoFault(17, `the operation code ${opCode} is not known`);
}

function parseMsg(bytes: Buffer, requestId: number): Message {
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  const end = bytes.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let body: Doc | undefined;
  const sequences: Record<string, Value[]> = {};
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = bytes.readUInt8(at++);
    const size = bytes.readInt32LE(at);
    if (kind === 0) body = decode(documentAt(bytes, at));
    else if (kind === 1) Object.assign(sequences, parseSequence(bytes.subarray(at, at + size)));
    else throw new MongoFault(17, `a section of kind ${kind}`);
    at += size;
  }
  if (!body) throw new MongoFault(17, "a message without a body");
  return {
    requestId,
    body: { ...body, ...sequences },
    wantsReply: (flags & MORE_TO_COME) === 0,
    isLegacy: false,
  };
}

function parseSequence(section: Buffer): Record<string, Value[]> {
  const nameEnd = section.indexOf(0, 4);
  const docs: Value[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const bytes = documentAt(section, at);
    docs.push(decode(bytes));
    at += bytes.length;
  }
  return { [section.toString("utf8", 4, nameEnd)]: docs };
}

function documentAt(bytes: Buffer, at: number): Buffer {
  const length = bytes.readInt32LE(at);
  if (length < 5 || at + length > bytes.length) throw new MongoFault(22, "a broken BSON document");
  return bytes.subarray(at, at + length);
}

/** A 64-bit number of an answer; a plain number would be sent as 32 bits. */
export const long = (value: number): Long => Long.fromNumber(value);

/** The answer in the form that fits the request. */
export function encodeReply(
  to: Message,
  reply: Record<string, unknown>,
  requestId: number,
): Buffer {
  const body = encode(reply);
  const prefix = Buffer.alloc(HEADER_BYTES + (to.isLegacy ? 20 : 5));
  prefix.writeInt32LE(prefix.length + body.byteLength, 0);
  prefix.writeInt32LE(requestId, 4);
  prefix.writeInt32LE(to.requestId, 8);
  prefix.writeInt32LE(to.isLegacy ? OP_REPLY : OP_MSG, 12);
  if (to.isLegacy) prefix.writeInt32LE(1, HEADER_BYTES + 16);
  return Buffer.concat([prefix, body]);
}
