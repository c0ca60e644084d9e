/** The time in which uses are counted together. */
export interface QuotaPeriod {
  /** Its first day, YYYY-MM-DD. */
  readonly start: string;
  /** When the next one begins. */
  readonly end: Date;
}

/** The calendar month of a moment, in UTC. */
export function monthOf(now: Date): QuotaPeriod {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return {
    start: new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10),
    end: new Date(Date.UTC(year, month + 1, 1)),
  };
}

/** The day of a moment. @param timeZone IANA name, such as Asia/Phnom_Penh; UTC when null or not known here */
export function dayOf(now: Date, timeZone: string | null): QuotaPeriod {
  const clock = (timeZone === null ? null : clockOf(timeZone)) ?? UTC;
  const start = new Date(wallTime(now, clock)).toISOString().slice(0, 10);
  const nextMidnight = Date.parse(start) + 24 * 3_600_000;
  return { start, end: momentOf(nextMidnight, clock) };
}

/** The moment at which a clock shows a time, which is given as if it were in UTC. */
function momentOf(wall: number, clock: Intl.DateTimeFormat): Date {
  let moment = wall;
  // The second step repairs a guess on the other side of a change of the clocks.
  for (let step = 0; step < 2; step += 1) {
    moment += wall - wallTime(new Date(moment), clock);
  }
  return new Date(moment);
}

/** What a clock shows, as if it were UTC. */
function wallTime(at: Date, clock: Intl.DateTimeFormat): number {
  const shown = new Map(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const [year = 0, month = 1, ...rest] = UNITS.map((unit) => shown.get(unit));
  return Date.UTC(year, month - 1, ...rest.map((part) => part ?? 0));
}

const UNITS = ["year", "month", "day", "hour", "minute", "second"] as const;

const newClock = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });

const UTC = newClock("UTC");
/** To make one takes ten times as long as to read it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** The clock of a zone; null when the zone is not known here. */
function clockOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    const clock = clocks.get(timeZone) ?? newClock(timeZone);
    clocks.set(timeZone, clock);
    return clock;
  } catch {
    return null;
  }
}
