import { command, integer, NOT_AN_INTEGER, type DataCommandSpec } from "./key-commands.ts";
import { isHash, isSet, isSorted, SortedSet, type Keyspace, type Stored } from "./keyspace.ts";
import { RedisFault, type RedisReply } from "./resp.ts";

/** The collection at the key, put there when it is not. */
function ensure<T extends Stored>(
  keys: Keyspace,
  key: string,
  is: (value: Stored) => value is T,
  make: () => T,
): T {
  const present = keys.as(key, is);
  if (present) return present;
  const made = make();
  keys.set(key, made);
  return made;
}

/** An empty collection is no key. */
function removeEmpty(keys: Keyspace, key: string, size: number): void {
  if (size === 0) keys.delete(key);
}

const hashAt = (keys: Keyspace, key: string) => keys.as(key, isHash) ?? new Map<string, string>();
const setAt = (keys: Keyspace, key: string) => keys.as(key, isSet) ?? new Set<string>();
const sortedAt = (keys: Keyspace, key: string) => keys.as(key, isSorted) ?? new SortedSet();

function hset(keys: Keyspace, [key = "", ...pairs]: readonly string[]): RedisReply {
  if (pairs.length % 2 !== 0) throw wrongCount("hset");
  const hash = ensure(keys, key, isHash, () => new Map<string, string>());
  const before = hash.size;
  for (let i = 0; i < pairs.length; i += 2) hash.set(pairs[i] ?? "", pairs[i + 1] ?? "");
  return hash.size - before;
}

function hincrby(keys: Keyspace, [key = "", field = "", by]: readonly string[]): RedisReply {
  const hash = ensure(keys, key, isHash, () => new Map<string, string>());
  const text = hash.get(field) ?? "0";
  if (!/^-?\d{1,15}$/.test(text)) throw new RedisFault(NOT_AN_INTEGER);
  const value = Number(text) + integer(by);
  hash.set(field, String(value));
  return value;
}

function remove(
  keys: Keyspace,
  key: string,
  collection: { delete(member: string): boolean; readonly size: number },
  members: readonly string[],
): number {
  const removed = members.filter((member) => collection.delete(member)).length;
  removeEmpty(keys, key, collection.size);
  return removed;
}

const wrongCount = (name: string) =>
  new RedisFault(`ERR wrong number of arguments for '${name}' command`);

function zadd(keys: Keyspace, [key = "", ...pairs]: readonly string[]): RedisReply {
  if (pairs.length % 2 !== 0) throw new RedisFault("ERR syntax error");
  const scores = pairs.filter((_, i) => i % 2 === 0).map(score);
  const sorted = ensure(keys, key, isSorted, () => new SortedSet()).scores;
  const before = sorted.size;
  for (const [i, value] of scores.entries()) sorted.set(pairs[2 * i + 1] ?? "", value);
  return sorted.size - before;
}

function score(text: string | undefined): number {
  const value = Number(text?.replace(/^([+-]?)inf$/i, "$1Infinity"));
  if (text === undefined || text === "" || Number.isNaN(value)) {
    throw new RedisFault("ERR value is not a valid float");
  }
  return value;
}

/** By places, from 0; negative ones count from the end. */
function zrange(keys: Keyspace, [key = "", from, to, option]: readonly string[]): RedisReply {
  if (option !== undefined && option.toUpperCase() !== "WITHSCORES") {
    throw new RedisFault("ERR only WITHSCORES is supported by the embedded store");
  }
  const members = sortedAt(keys, key).inOrder();
  const end = integer(to);
  const page = members.slice(integer(from), end === -1 ? undefined : end + 1);
  return page.flatMap(([member, value]) =>
    option === undefined ? [member] : [member, String(value)],
  );
}

/** By scores, both ends included; "(" before a bound leaves it out. */
function zrangebyscore(keys: Keyspace, [key = "", least = "", most = ""]: readonly string[]) {
  const inRange = bounds(least, most);
  return sortedAt(keys, key)
    .inOrder()
    .flatMap(([member, value]) => (inRange(value) ? [member] : []));
}

function zremrangebyscore(keys: Keyspace, [key = "", least = "", most = ""]: readonly string[]) {
  const inRange = bounds(least, most);
  const { scores } = sortedAt(keys, key);
  const gone = [...scores].flatMap(([member, value]) => (inRange(value) ? [member] : []));
  return remove(keys, key, scores, gone);
}

function bounds(least: string, most: string): (value: number) => boolean {
  const [low, high] = [score(least.replace(/^\(/, "")), score(most.replace(/^\(/, ""))];
  return (value) =>
    (least.startsWith("(") ? value > low : value >= low) &&
    (most.startsWith("(") ? value < high : value <= high);
}

export const collectionCommands: Readonly<Record<string, DataCommandSpec>> = {
  HSET: command(3, Infinity, hset),
  HGET: command(2, 2, (keys, [key = "", field = ""]) => hashAt(keys, key).get(field) ?? null),
  HMGET: command(2, Infinity, (keys, [key = "", ...fields]) =>
    fields.map((field) => hashAt(keys, key).get(field) ?? null),
  ),
  HGETALL: command(1, 1, (keys, [key = ""]) => [...hashAt(keys, key)].flat()),
  HDEL: command(2, Infinity, (keys, [key = "", ...fields]) =>
    remove(keys, key, hashAt(keys, key), fields),
  ),
  HEXISTS: command(2, 2, (keys, [key = "", field = ""]) => Number(hashAt(keys, key).has(field))),
  HLEN: command(1, 1, (keys, [key = ""]) => hashAt(keys, key).size),
  HINCRBY: command(3, 3, hincrby),
  SADD: command(2, Infinity, (keys, [key = "", ...members]) => {
    const set = ensure(keys, key, isSet, () => new Set<string>());
    const before = set.size;
    for (const member of members) set.add(member);
    return set.size - before;
  }),
  SREM: command(2, Infinity, (keys, [key = "", ...members]) =>
    remove(keys, key, setAt(keys, key), members),
  ),
  SMEMBERS: command(1, 1, (keys, [key = ""]) => [...setAt(keys, key)]),
  SISMEMBER: command(2, 2, (keys, [key = "", member = ""]) => Number(setAt(keys, key).has(member))),
  SCARD: command(1, 1, (keys, [key = ""]) => setAt(keys, key).size),
  ZADD: command(3, Infinity, zadd),
  ZREM: command(2, Infinity, (keys, [key = "", ...members]) =>
    remove(keys, key, sortedAt(keys, key).scores, members),
  ),
  ZSCORE: command(2, 2, (keys, [key = "", member = ""]) => {
    const value = sortedAt(keys, key).scores.get(member);
    return value === undefined ? null : String(value);
  }),
  ZCARD: command(1, 1, (keys, [key = ""]) => sortedAt(keys, key).scores.size),
  ZRANGE: command(3, 4, zrange),
  ZRANGEBYSCORE: command(3, 3, zrangebyscore),
  ZREMRANGEBYSCORE: command(3, 3, zremrangebyscore),
};
