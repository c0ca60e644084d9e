/** How far a reader of a growing text has got. Offsets count UTF-16 code units, as JavaScript does. */
export interface TextPosition {
  /** Which text the offset belongs to; null for whichever there is. */
  readonly generation: number | null;
  readonly offset: number;
}

/** What a growing text has beyond a position. */
export interface TextReading {
  /** Rises each time the text starts anew. */
  readonly generation: number;
  /** Where `text` begins: the position's offset, or less when the reader's text is not a beginning of this one. */
  readonly offset: number;
  readonly text: string;
  /** Whether the text will not change any more. */
  readonly isFinal: boolean;
}

/** What a reader is told: its text up to `offset`, then `appended`, is the text so far. */
export interface TextFrame {
  readonly generation: number;
  readonly offset: number;
  readonly appended: string;
}

export interface FollowTextOptions {
  /** Subscribes to nudges; resolves once really subscribed. */
  readonly listen: (onNudge: () => void) => Promise<() => void>;
  /** Reads what lies beyond a position; null ends the stream, such as after a deletion. */
  readonly read: (position: TextPosition) => Promise<TextReading | null>;
  readonly from: TextPosition;
  /** How long to wait before a failed read is tried again; default 500 ms. */
  readonly retryMs?: number;
}

/** Never more than 20 frames in a second: so many come in time, and so many at once after a pause. */
const FRAMES_A_SECOND = 17;
const BURST = 3;
const RETRY_MS = 500;

/**
 * Follows a text that grows in a store: first what there is beyond the reader's position, then what is appended, and
 * the end. A reader that keeps `text.slice(0, frame.offset) + frame.appended` always has the exact text, whatever was
 * lost on the way. A slow reader gets fewer and longer frames: the text waits in the store, not in memory.
 */
export const followText = (options: FollowTextOptions): AsyncIterableIterator<TextFrame> =>
  new TextFollower(options);

class TextFollower implements AsyncIterableIterator<TextFrame> {
  private position: TextPosition;
  private started = false;
  private closed = false;
  private dirty = true;
  private readonly pace = new Pace();
  private wake: (() => void) | null = null;
  private stopListening: (() => void) | null = null;
  private listening: Promise<void> | null = null;

  constructor(private readonly options: FollowTextOptions) {
    this.position = options.from;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<TextFrame>> {
    // Listening comes first: what is appended between the first read and the subscription would be missed.
    this.listening ??= this.listen();
    await this.listening;
    while (!this.closed) {
      const waitMs = this.dirty ? this.pace.waitMs() : Infinity;
      if (waitMs > 0) {
        await this.pause(waitMs);
        continue;
      }
      this.dirty = false;
      const value = await this.read();
      if (value) return { done: false, value };
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<TextFrame>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<TextFrame>> {
    this.close();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  /** What is new for the reader, null when nothing is. */
  private async read(): Promise<TextFrame | null> {
    let reading: TextReading | null;
    try {
      reading = await this.options.read(this.position);
    } catch {
      // The store is away for a moment: the reader stays.
      setTimeout(this.poke, this.options.retryMs ?? RETRY_MS).unref();
      return null;
    }
    if (this.closed) return null;
    if (reading === null || reading.isFinal) this.close();
    if (reading === null) return null;
    const { generation, offset, text: appended, isFinal } = reading;
    const restarted = generation !== this.position.generation;
    const isNews = !this.started || restarted || isFinal || appended !== "";
    if (!isNews) return null;
    this.started = true;
    this.position = { generation, offset: offset + appended.length };
    this.pace.sent();
    return { generation, offset, appended };
  }

  private async listen(): Promise<void> {
    const stop = await this.options.listen(this.poke);
    if (this.closed) stop();
    else this.stopListening = stop;
  }

  private readonly poke = (): void => {
    this.dirty = true;
    this.wake?.();
  };

  /** Until it is poked or closed; at most `ms`. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(() => this.wake?.(), Math.ceil(ms));
      this.wake = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
    });
  }

  private close(): void {
    this.closed = true;
    this.stopListening?.();
    this.stopListening = null;
    this.wake?.();
  }
}

/** Spreads frames over time, without holding up one that comes a little early. */
class Pace {
  private credit = BURST;
  private atMs = performance.now();

  /** Until the next frame may be sent. */
  waitMs(): number {
    this.refill();
    return this.credit >= 1 ? 0 : ((1 - this.credit) / FRAMES_A_SECOND) * 1000;
  }

  sent(): void {
    this.refill();
    this.credit -= 1;
  }

  private refill(): void {
    const nowMs = performance.now();
    const earned = ((nowMs - this.atMs) / 1000) * FRAMES_A_SECOND;
    this.credit = Math.min(BURST, this.credit + earned);
    this.atMs = nowMs;
  }
}
