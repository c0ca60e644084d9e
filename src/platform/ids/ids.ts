import type { Clock } from "../clock/clock.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 13;
const EPOCH_MS = Date.UTC(2024, 0, 1);
const MAX_SEQUENCE = 4095n;
const TOLERATED_STEP_BACK_MS = 5_000;

/** An id is a typed prefix, an underscore and 13 Crockford base32 characters. */
const PATTERN = /^[a-z]{3}_[0-9A-HJKMNP-TV-Z]{13}$/;

/** Whether a text has the form of an id, with this prefix if one is given. */
export function isId(value: unknown, prefix?: string): value is string {
  return (
    typeof value === "string" &&
    PATTERN.test(value) &&
    (prefix === undefined || value.startsWith(`${prefix}_`))
  );
}

/**
 * Makes ids: a three-letter prefix and a 64-bit Snowflake (41 bit milliseconds since 2024-01-01,
 * 10 bit node, 12 bit sequence), so that ids of one prefix sort by age.
 */
export class Ids {
  private lastMs = 0;
  private sequence = 0n;

  /** @param nodeId 0–1023, unique among the processes that share a database. */
  constructor(
    private readonly nodeId: () => number,
    private readonly clock: Clock,
  ) {}

  /**
   * The next id, larger than every earlier one of this process.
   * @throws Error when the clock stepped back by more than five seconds.
   */
  next(prefix: string): string {
    let now = this.clock.now().getTime();
    if (now < this.lastMs) {
      if (this.lastMs - now > TOLERATED_STEP_BACK_MS) {
        throw new Error(
          `The clock stepped back by ${this.lastMs - now} ms; no id is safe to make.`,
        );
      }
      now = this.lastMs;
    }
    this.sequence = now === this.lastMs ? this.sequence + 1n : 0n;
    if (this.sequence > MAX_SEQUENCE) {
      // Borrows from the next millisecond instead of blocking the event loop until it comes.
      now += 1;
      this.sequence = 0n;
    }
    this.lastMs = now;
    const value = (BigInt(now - EPOCH_MS) << 22n) | (BigInt(this.nodeId()) << 12n) | this.sequence;
    return `${prefix}_${encode(value)}`;
  }
}

function encode(value: bigint): string {
  let text = "";
  for (let index = 0; index < LENGTH; index += 1) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}
