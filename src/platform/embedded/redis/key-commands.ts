import { globToRegex, isHash, isSet, isSorted, isText, type Keyspace } from "./keyspace.ts";
import { OK, RedisFault, type RedisReply } from "./resp.ts";

export type DataCommand = (keys: Keyspace, args: readonly string[]) => RedisReply;

/** A command with from `least` to `most` arguments. */
export interface DataCommandSpec {
  readonly least: number;
  readonly most: number;
  readonly run: DataCommand;
}

export const command = (least: number, most: number, run: DataCommand): DataCommandSpec => ({
  least,
  most,
  run,
});

export const NOT_AN_INTEGER = "ERR value is not an integer or out of range";
const SYNTAX = "ERR syntax error";

export function integer(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) throw new RedisFault(NOT_AN_INTEGER);
  return value;
}

interface SetOptions {
  expiresAt: number | undefined;
  keepTtl: boolean;
  only: "NX" | "XX" | undefined;
  get: boolean;
}

function setOptions(args: readonly string[]): SetOptions {
  const options: SetOptions = { expiresAt: undefined, keepTtl: false, only: undefined, get: false };
  for (let i = 0; i < args.length; i++) {
    const name = (args[i] ?? "").toUpperCase();
    if (name === "NX" || name === "XX") options.only = name;
    else if (name === "GET") options.get = true;
    else if (name === "KEEPTTL") options.keepTtl = true;
    else if (["EX", "PX", "EXAT", "PXAT"].includes(name)) {
      if (options.expiresAt !== undefined) throw new RedisFault(SYNTAX);
      options.expiresAt = moment(name, args[++i]);
    } else throw new RedisFault(SYNTAX);
  }
  if (options.keepTtl && options.expiresAt !== undefined) throw new RedisFault(SYNTAX);
  return options;
}

/** The moment that an expiry option names. */
function moment(option: string, text: string | undefined): number {
  const value = integer(text);
  if (value <= 0) throw new RedisFault("ERR invalid expire time in 'set' command");
  const ms = option.startsWith("E") ? value * 1_000 : value;
  return option.endsWith("AT") ? ms : Date.now() + ms;
}

const set: DataCommand = (keys, [key = "", value = "", ...rest]) => {
  const { expiresAt, keepTtl, only, get } = setOptions(rest);
  const before = get ? (keys.as(key, isText) ?? null) : null;
  const exists = keys.get(key) !== undefined;
  if ((only === "NX" && exists) || (only === "XX" && !exists)) return before;
  if (keepTtl) keys.update(key, value);
  else keys.set(key, value, expiresAt);
  return get ? before : OK;
};

/** Exact over the whole range of 64 bits. */
function increase(keys: Keyspace, key: string, by: bigint): RedisReply {
  const text = keys.as(key, isText) ?? "0";
  if (!/^-?\d{1,19}$/.test(text)) throw new RedisFault(NOT_AN_INTEGER);
  const value = BigInt(text) + by;
  if (BigInt.asIntN(64, value) !== value) {
    throw new RedisFault("ERR increment or decrement would overflow");
  }
  keys.update(key, String(value));
  return value;
}

/** EXPIRE and its kin, with the condition NX, XX, GT or LT. */
const expiring =
  (at: (value: number) => number): DataCommand =>
  (keys, [key = "", text, condition]) => {
    const expiry = at(integer(text));
    const before = keys.expiryOf(key);
    if (before === undefined) return 0;
    switch (condition?.toUpperCase()) {
      case undefined:
        break;
      case "NX":
        if (before !== Infinity) return 0;
        break;
      case "XX":
        if (before === Infinity) return 0;
        break;
      case "GT":
        if (expiry <= before) return 0;
        break;
      case "LT":
        if (expiry >= before) return 0;
        break;
      default:
        throw new RedisFault(`ERR Unsupported option ${condition}`);
    }
    return keys.expire(key, expiry) ? 1 : 0;
  };

const remaining =
  (unit: number): DataCommand =>
  (keys, [key = ""]) => {
    const expiry = keys.expiryOf(key);
    if (expiry === undefined) return -2;
    if (expiry === Infinity) return -1;
    return Math.round((expiry - Date.now()) / unit);
  };

const typeName: DataCommand = (keys, [key = ""]) => {
  const value = keys.get(key);
  if (value === undefined) return { ok: "none" };
  if (isText(value)) return { ok: "string" };
  if (isHash(value)) return { ok: "hash" };
  if (isSet(value)) return { ok: "set" };
  return { ok: isSorted(value) ? "zset" : "none" };
};

/** Everything in one go: the cursor is always 0. */
const scan: DataCommand = (keys, [cursor, ...options]) => {
  integer(cursor);
  let found = keys.keys();
  for (let i = 0; i < options.length; i += 2) {
    const name = options[i]?.toUpperCase();
    const value = options[i + 1] ?? "";
    if (name === "MATCH") found = found.filter((key) => globToRegex(value).test(key));
    else if (name !== "COUNT") throw new RedisFault(SYNTAX);
  }
  return ["0", found];
};

const count = (values: readonly boolean[]): number => values.filter(Boolean).length;

export const keyCommands: Readonly<Record<string, DataCommandSpec>> = {
  GET: command(1, 1, (keys, [key = ""]) => keys.as(key, isText) ?? null),
  SET: command(2, Infinity, set),
  SETEX: command(3, 3, (keys, [key = "", seconds = "", value = ""]) =>
    set(keys, [key, value, "EX", seconds]),
  ),
  PSETEX: command(3, 3, (keys, [key = "", ms = "", value = ""]) =>
    set(keys, [key, value, "PX", ms]),
  ),
  SETNX: command(2, 2, (keys, [key = "", value = ""]) =>
    set(keys, [key, value, "NX"]) === null ? 0 : 1,
  ),
  GETDEL: command(1, 1, (keys, [key = ""]) => {
    const value = keys.as(key, isText) ?? null;
    keys.delete(key);
    return value;
  }),
  MGET: command(1, Infinity, (keys, names) =>
    names.map((key) => {
      const value = keys.get(key);
      return value !== undefined && isText(value) ? value : null;
    }),
  ),
  DEL: command(1, Infinity, (keys, names) => count(names.map((key) => keys.delete(key)))),
  UNLINK: command(1, Infinity, (keys, names) => count(names.map((key) => keys.delete(key)))),
  EXISTS: command(1, Infinity, (keys, names) =>
    count(names.map((key) => keys.get(key) !== undefined)),
  ),
  EXPIRE: command(
    2,
    3,
    expiring((seconds) => Date.now() + seconds * 1_000),
  ),
  PEXPIRE: command(
    2,
    3,
    expiring((ms) => Date.now() + ms),
  ),
  EXPIREAT: command(
    2,
    3,
    expiring((seconds) => seconds * 1_000),
  ),
  PEXPIREAT: command(
    2,
    3,
    expiring((ms) => ms),
  ),
  PERSIST: command(1, 1, (keys, [key = ""]) => {
    const had = (keys.expiryOf(key) ?? Infinity) !== Infinity;
    return had && keys.expire(key, Infinity) ? 1 : 0;
  }),
  TTL: command(1, 1, remaining(1_000)),
  PTTL: command(1, 1, remaining(1)),
  INCR: command(1, 1, (keys, [key = ""]) => increase(keys, key, 1n)),
  DECR: command(1, 1, (keys, [key = ""]) => increase(keys, key, -1n)),
  INCRBY: command(2, 2, (keys, [key = "", by]) => increase(keys, key, BigInt(integer(by)))),
  DECRBY: command(2, 2, (keys, [key = "", by]) => increase(keys, key, -BigInt(integer(by)))),
  TYPE: command(1, 1, typeName),
  KEYS: command(1, 1, (keys, [glob = ""]) => {
    const pattern = globToRegex(glob);
    return keys.keys().filter((key) => pattern.test(key));
  }),
  SCAN: command(1, Infinity, scan),
  DBSIZE: command(0, 0, (keys) => keys.keys().length),
  FLUSHALL: command(0, 1, (keys) => {
    keys.clear();
    return OK;
  }),
  FLUSHDB: command(0, 1, (keys) => {
    keys.clear();
    return OK;
  }),
};
