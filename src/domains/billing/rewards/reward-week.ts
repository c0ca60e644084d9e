const DAY_MS = 86_400_000;
/** Monday, 1970-01-05. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;
/** The reward of a week falls due on its Sunday at 00:00 UTC. */
const DUE_AFTER_MS = 6 * DAY_MS;

/**
 * The ISO week whose reward fell due last: on a Sunday the week that the day ends, on every other day the week before.
 * @returns its Monday, YYYY-MM-DD, UTC
 */
export function dueWeek(now: Date): string {
  const dueMs = now.getTime() - DUE_AFTER_MS - FIRST_MONDAY_MS;
  const mondayMs = Math.floor(dueMs / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
  return new Date(mondayMs).toISOString().slice(0, 10);
}
