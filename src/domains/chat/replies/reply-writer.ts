import { JobLost } from "../../../platform/jobs/run.ts";
import type { Append, Appended } from "./replies.repository.ts";
import { StoringRhythm } from "./storing-rhythm.ts";

/** No reply is longer, in UTF-16 code units. */
export const MAX_REPLY_LENGTH = 100_000;

export interface ReplyWriterOptions {
  readonly id: string;
  readonly generation: number;
  readonly append: (piece: Append) => Promise<Appended>;
  /** Called after a piece was stored. */
  readonly onStored: () => void;
  readonly onStopRequested: () => void;
}

/**
 * Stores a reply while it comes: the first token at once, then what came in the meantime, again and again, where it can
 * be together with a token that has just come. Pieces never end in the middle of a surrogate pair, and hold nothing
 * that cannot be stored.
 */
export class ReplyWriter {
  /** What is stored, in UTF-16 code units. */
  length = 0;
  private waiting = "";
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private fault: { readonly error: unknown } | null = null;
  private readonly rhythm = new StoringRhythm();

  constructor(private readonly options: ReplyWriterOptions) {}

  /** Whether the reply is as long as it may be. */
  get isFull(): boolean {
    return this.length + this.waiting.length >= MAX_REPLY_LENGTH;
  }

  /** Takes more text. @throws JobLost once somebody else writes the reply; what storing an earlier piece threw. */
  push(text: string): void {
    if (this.fault) throw this.fault.error;
    this.waiting += text;
    this.schedule();
  }

  /** Stores the rest; resolves when everything is stored. */
  async finish(): Promise<void> {
    this.clearTimer();
    while (!this.fault && (this.writing !== null || this.waiting !== "")) {
      this.writing ??= this.store(true);
      await this.writing;
    }
    if (this.fault) throw this.fault.error;
  }

  private schedule(): void {
    if (this.writing !== null || !this.hasWhole()) return;
    const waitMs = this.rhythm.waitMs(performance.now());
    if (waitMs === 0) {
      this.clearTimer();
      this.writing = this.store(false);
      return;
    }
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.writing ??= this.store(false);
    }, waitMs);
  }

  private clearTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private async store(isLast: boolean): Promise<void> {
    const { id, generation, append, onStored, onStopRequested } = this.options;
    await Promise.resolve();
    const text = this.take(isLast);
    try {
      if (text !== "") {
        this.rhythm.stored(performance.now());
        const appended = await append({ id, generation, offset: this.length, text });
        if (appended === null) throw new JobLost(id);
        this.length += text.length;
        onStored();
        if (appended.stopRequested) onStopRequested();
      }
    } catch (error) {
      this.fault = { error };
    }
    this.writing = null;
    if (!isLast && !this.fault) this.schedule();
  }

  private hasWhole(): boolean {
    return (
      this.waiting.length > 1 || (this.waiting !== "" && !isFirstHalf(this.waiting.charCodeAt(0)))
    );
  }

  /** What can be stored of the waiting text; the first half of a pair waits for the second. */
  private take(isLast: boolean): string {
    const room = MAX_REPLY_LENGTH - this.length;
    const whole = this.waiting.slice(0, room);
    const splits = isFirstHalf(whole.charCodeAt(whole.length - 1));
    const text = splits ? whole.slice(0, -1) : whole;
    this.waiting = splits && !isLast && whole.length < room ? whole.slice(-1) : "";
    return text.toWellFormed().replaceAll("\0", "\u{FFFD}");
  }
}

const isFirstHalf = (codeUnit: number): boolean => codeUnit >= 0xd800 && codeUnit <= 0xdbff;
