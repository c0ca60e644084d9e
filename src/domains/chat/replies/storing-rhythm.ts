/** Between two pieces on average, at least, in milliseconds: below the pace of the readers, so that they hold nothing up. */
const GAP_MS = 60;
/** A piece goes so much earlier when a token has just come, and so much later when one is about to come. */
const SLACK_MS = 15;

/** When the pieces of one text are stored: seldom enough, and where it can be together with a token that has just come. */
export class StoringRhythm {
  private dueMs = -Infinity;

  /** How long a token that comes at `nowMs` waits when no other comes before; 0 when it is stored at once. */
  waitMs(nowMs: number): number {
    const untilDueMs = this.dueMs - nowMs;
    return untilDueMs <= SLACK_MS ? 0 : untilDueMs + SLACK_MS;
  }

  /** Notes that a piece is stored at `nowMs`. */
  stored(nowMs: number): void {
    const keepsTime = nowMs <= this.dueMs + SLACK_MS;
    // After a pause each text goes its own way: those that it has lined up would be stored all at once, again and again.
    this.dueMs = keepsTime ? this.dueMs + GAP_MS : nowMs + GAP_MS * (0.75 + Math.random() / 2);
  }
}
