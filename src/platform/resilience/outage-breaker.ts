import type { IBreaker } from "cockatiel";

/** After this long without a single success a breaker opens, however few the calls. */
const OUTAGE_MS = 4_000;
/** One bad call, or two, is no outage. */
const MIN_FAILURES = 3;

/** Who has calls at a provider now. */
export interface Callers {
  /** For whom the call was made whose outcome is told. */
  current(): unknown;
  /** Whether anybody else has a call there that has not ended. */
  hasOthers(caller: unknown): boolean;
}

/**
 * Tells an outage from the bad luck of a single caller, such as a job with a picture that a provider cannot bear: the
 * failures of one caller count once (src/decisions/0049). Opens after `threshold` different callers in a row have failed,
 * or earlier, once calls have done nothing but fail for four seconds: a provider that times out slowly is found as soon
 * as one that refuses at once. A single caller opens it only after that time, and while nobody else waits for an answer.
 */
export class OutageBreaker implements IBreaker {
  state: { failures: number; sinceMs: number; callers: ReadonlySet<unknown> } = NONE;

  constructor(
    private readonly threshold: number,
    private readonly callers: Callers,
    private readonly nowMs: () => number = Date.now,
  ) {}

  success(): void {
    this.state = NONE;
  }

  failure(): boolean {
    const now = this.nowMs();
    const caller = this.callers.current();
    const { failures, sinceMs, callers } = this.state;
    this.state = {
      failures: failures + 1,
      sinceMs: failures === 0 ? now : sinceMs,
      callers: new Set([...callers, caller]),
    };
    const { size } = this.state.callers;
    if (size >= this.threshold) return true;
    if (this.state.failures < MIN_FAILURES || now - this.state.sinceMs < OUTAGE_MS) return false;
    return size > 1 || !this.callers.hasOthers(caller);
  }
}

const NONE = { failures: 0, sinceMs: 0, callers: new Set<unknown>() };
