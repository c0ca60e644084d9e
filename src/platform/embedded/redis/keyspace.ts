import { RedisFault } from "./resp.ts";

export type Stored = string | Map<string, string> | Set<string> | SortedSet;

/** Members with scores. */
export class SortedSet {
  readonly scores = new Map<string, number>();

  /** By score, then by member. */
  inOrder(): [string, number][] {
    return [...this.scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  }
}

interface Entry {
  value: Stored;
  expiresAt: number;
}

const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

/** Keys with their values and times to live. Nothing of it is kept on disk. */
export class Keyspace {
  private readonly entries = new Map<string, Entry>();

  get(key: string): Stored | undefined {
    const entry = this.entries.get(key);
    if (entry && entry.expiresAt <= Date.now()) {
      this.entries.delete(key);
      return undefined;
    }
    return entry?.value;
  }

  /** The value of the wanted kind; throws when the key holds another kind. */
  as<T extends Stored>(key: string, is: (value: Stored) => value is T): T | undefined {
    const value = this.get(key);
    if (value === undefined || is(value)) return value;
    throw new RedisFault(WRONG_TYPE);
  }

  set(key: string, value: Stored, expiresAt = Infinity): void {
    this.entries.set(key, { value, expiresAt });
  }

  /** Replaces the value and leaves the time to live. */
  update(key: string, value: Stored): void {
    this.set(key, value, this.expiryOf(key) ?? Infinity);
  }

  delete(key: string): boolean {
    return this.get(key) !== undefined && this.entries.delete(key);
  }

  /** When the key ends, in ms since 1970; Infinity for never, undefined when it is not there. */
  expiryOf(key: string): number | undefined {
    return this.get(key) === undefined ? undefined : this.entries.get(key)?.expiresAt;
  }

  expire(key: string, at: number): boolean {
    const value = this.get(key);
    if (value === undefined) return false;
    this.set(key, value, at);
    return true;
  }

  keys(): string[] {
    return [...this.entries.keys()].filter((key) => this.get(key) !== undefined);
  }

  clear(): void {
    this.entries.clear();
  }

  /** Lets go of what has ended without being asked for. */
  sweep(): void {
    for (const key of this.entries.keys()) this.get(key);
  }
}

export const isText = (value: Stored): value is string => typeof value === "string";
export const isHash = (value: Stored): value is Map<string, string> => value instanceof Map;
export const isSet = (value: Stored): value is Set<string> => value instanceof Set;
export const isSorted = (value: Stored): value is SortedSet => value instanceof SortedSet;

/** Redis' glob patterns: * ? [a-c] [^a] and \ before a plain character. */
export function globToRegex(glob: string): RegExp {
  let pattern = "";
  for (let i = 0; i < glob.length; i++) {
    const char = glob.charAt(i);
    const closing = char === "[" ? glob.indexOf("]", i + 1) : -1;
    if (char === "*") pattern += "[^]*";
    else if (char === "?") pattern += "[^]";
    else if (closing > 0) {
      pattern += `[${glob.slice(i + 1, closing).replaceAll("\\", "\\\\")}]`;
      i = closing;
    } else {
      const literal = char === "\\" ? glob.charAt(++i) : char;
      pattern += literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    }
  }
  return new RegExp(`^${pattern}$`);
}
