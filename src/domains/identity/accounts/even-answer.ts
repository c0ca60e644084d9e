import { setTimeout as pause } from "node:timers/promises";

const SHORTEST_MS = 120;

/**
 * Gives work that does more for an account that exists the same answering time as for one that does not: no answer
 * comes earlier than what the longer way takes. Refusals of the input come at once.
 */
export async function evenAnswer<T>(work: () => Promise<T>): Promise<T> {
  const [value] = await Promise.all([work(), pause(SHORTEST_MS)]);
  return value;
}

const SHORTEST_REFUSAL_MS = 400;

/**
 * Waits until a refused sign-in has taken as long as the slowest kind of password hash that is checked, so that the time
 * tells neither whether there is an account nor where it came from.
 * @param startedMs When the sign-in began, of `performance.now()`.
 */
export async function evenRefusal(startedMs: number): Promise<void> {
  const leftMs = SHORTEST_REFUSAL_MS - (performance.now() - startedMs);
  if (leftMs > 0) await pause(leftMs);
}
