import { Follower, type FollowerOptions } from "./follower.ts";

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

export interface FollowTextOptions extends FollowerOptions {
  /** Reads what lies beyond a position; null ends the stream, such as after a deletion. */
  readonly read: (position: TextPosition) => Promise<TextReading | null>;
  readonly from: TextPosition;
}

/** Never more than 20 frames in a second: so many come in time, and so many at once after a pause. */
const FRAMES_A_SECOND = 17;
const BURST = 3;

/**
 * Follows a text that grows in a store: first what there is beyond the reader's position, then what is appended, and
 * the end. A reader that keeps `text.slice(0, frame.offset) + frame.appended` always has the exact text, whatever was
 * lost on the way. A slow reader gets fewer and longer frames: the text waits in the store, not in memory.
 */
export const followText = (options: FollowTextOptions): AsyncIterableIterator<TextFrame> =>
  new TextFollower(options);

class TextFollower extends Follower<TextReading, TextFrame> {
  private position: TextPosition;
  private started = false;
  private readonly pace = new Pace();

  constructor(private readonly options: FollowTextOptions) {
    super(options);
    this.position = options.from;
  }

  protected read(): Promise<TextReading | null> {
    return this.options.read(this.position);
  }

  protected isFinal(reading: TextReading): boolean {
    return reading.isFinal;
  }

  protected newsOf({
    generation,
    offset,
    text: appended,
    isFinal,
  }: TextReading): TextFrame | undefined {
    const restarted = generation !== this.position.generation;
    const isNews = !this.started || restarted || isFinal || appended !== "";
    if (!isNews) return undefined;
    this.started = true;
    this.position = { generation, offset: offset + appended.length };
    this.pace.sent();
    return { generation, offset, appended };
  }

  protected override holdBackMs(): number {
    return this.pace.waitMs();
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
