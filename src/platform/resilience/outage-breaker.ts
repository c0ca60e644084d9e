import type { IBreaker } from "cockatiel";

/** After this long without a single success a breaker opens, however few the calls. */
const OUTAGE_MS = 5_000;
/** One bad call, or two, is no outage. */
const MIN_FAILURES = 3;

/**
 * Opens after `failures` failures in a row, or earlier, once calls have done nothing but fail for
 * five seconds: a provider that times out slowly is found as soon as one that refuses at once.
 */
export class OutageBreaker implements IBreaker {
  state: { failures: number; sinceMs: number } = { failures: 0, sinceMs: 0 };

  constructor(
    private readonly threshold: number,
    private readonly nowMs: () => number = Date.now,
  ) {}

  success(): void {
    this.state = { failures: 0, sinceMs: 0 };
  }

  failure(): boolean {
    const now = this.nowMs();
    const { failures, sinceMs } = this.state;
    this.state = { failures: failures + 1, sinceMs: failures === 0 ? now : sinceMs };
    if (this.state.failures >= this.threshold) return true;
    return this.state.failures >= MIN_FAILURES && now - this.state.sinceMs >= OUTAGE_MS;
  }
}
