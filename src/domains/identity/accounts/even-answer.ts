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
