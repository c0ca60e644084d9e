import { expect, test } from "@jest/globals";
import { StoringRhythm } from "../../../src/domains/chat/replies/storing-rhythm.ts";

const SECONDS = 20;

/** Tokens come each `gapMs`: how long each has waited to be stored, and when pieces were stored. */
function talk(gapMs: number, rhythm = new StoringRhythm()) {
  const waits: number[] = [];
  const storedAtMs: number[] = [];
  let waiting: number[] = [];
  let storeAtMs = Infinity;
  const store = (nowMs: number) => {
    for (const saidAtMs of waiting) waits.push(nowMs - saidAtMs);
    waiting = [];
    storeAtMs = Infinity;
    storedAtMs.push(nowMs);
    rhythm.stored(nowMs);
  };
  for (let nowMs = 0; nowMs < SECONDS * 1000; nowMs += gapMs) {
    if (storeAtMs <= nowMs) store(storeAtMs);
    waiting.push(nowMs);
    const waitMs = rhythm.waitMs(nowMs);
    if (waitMs === 0) store(nowMs);
    else storeAtMs = Math.min(storeAtMs, nowMs + waitMs);
  }
  return { waits, storedAtMs };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test.each([
  { gapMs: 4, worstMs: 80, meanMs: 35 },
  { gapMs: 20, worstMs: 60, meanMs: 25 },
  { gapMs: 30, worstMs: 30, meanMs: 16 },
  { gapMs: 45, worstMs: 50, meanMs: 25 },
  { gapMs: 100, worstMs: 0, meanMs: 0 },
  { gapMs: 400, worstMs: 0, meanMs: 0 },
])(
  "tokens each $gapMs ms wait $worstMs ms at most, and are stored in 17 pieces a second at most",
  ({ gapMs, worstMs, meanMs }) => {
    const { waits, storedAtMs } = talk(gapMs);
    expect(waits[0]).toBe(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(worstMs);
    expect(mean(waits)).toBeLessThanOrEqual(meanMs);
    expect(storedAtMs.length).toBeLessThanOrEqual(SECONDS * 17);
  },
);

test("texts that a pause has lined up drift apart", () => {
  const lastAtMs = Array.from({ length: 20 }, () => talk(1).storedAtMs.at(-1));
  expect(new Set(lastAtMs).size).toBeGreaterThan(5);
});
