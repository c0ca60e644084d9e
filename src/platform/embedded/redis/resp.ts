/** Cuts the stream of a connection into commands: arrays of bulk strings, as every client sends them. */
export class CommandReader {
  private pending: Buffer = Buffer.alloc(0);

  /** The commands that are complete now, bytes as latin1 text. Throws when the stream is not RESP. */
  push(chunk: Buffer): string[][] {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const commands: string[][] = [];
    for (;;) {
      const parsed = parseCommand(this.pending);
      if (!parsed) return commands;
      this.pending = this.pending.subarray(parsed.end);
      commands.push(parsed.words);
    }
  }
}

const MOST_WORDS = 1_000_000;
const MOST_BYTES = 512 * 1024 * 1024;

function parseCommand(bytes: Buffer): { words: string[]; end: number } | undefined {
  const head = parseLength(bytes, 0, "*", MOST_WORDS);
  if (!head) return undefined;
  const words: string[] = [];
  let at = head.end;
  while (words.length < head.value) {
    const length = parseLength(bytes, at, "$", MOST_BYTES);
    if (!length || bytes.length < length.end + length.value + 2) return undefined;
    words.push(bytes.toString("latin1", length.end, length.end + length.value));
    at = length.end + length.value + 2;
  }
  return { words, end: at };
}

function parseLength(
  bytes: Buffer,
  at: number,
  kind: string,
  most: number,
): { value: number; end: number } | undefined {
  const end = bytes.indexOf("\r\n", at);
  if (bytes.length > at && bytes[at] !== kind.charCodeAt(0)) throw new Error("not RESP");
  if (end < 0) return undefined;
  const value = Number(bytes.toString("latin1", at + 1, end));
  if (!Number.isInteger(value) || value < 0 || value > most) throw new Error("not RESP");
  return { value, end: end + 2 };
}

/** What a command answers. */
export type RedisReply =
  | { readonly ok: string }
  | { readonly error: string }
  | number
  | bigint
  | string
  | null
  | readonly RedisReply[];

export const OK: RedisReply = { ok: "OK" };

export class RedisFault extends Error {}

/** The answer in RESP2, as latin1 text. */
export function encodeReply(reply: RedisReply): string {
  if (reply === null) return "$-1\r\n";
  if (typeof reply === "string") return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === "number" || typeof reply === "bigint") return `:${reply}\r\n`;
  if ("ok" in reply) return `+${reply.ok}\r\n`;
  if ("error" in reply) return `-${reply.error}\r\n`;
  return `*${reply.length}\r\n${reply.map(encodeReply).join("")}`;
}
