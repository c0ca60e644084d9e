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
  const zone = timeZone !== null && isKnown(timeZone) ? timeZone : "UTC";
  const wall = wallTime(now, zone);
  const start = new Date(wall).toISOString().slice(0, 10);
  const nextMidnight = Date.parse(start) + 24 * 3_600_000;
  return { start, end: momentOf(nextMidnight, zone) };
}

/** The moment at which clocks in a zone show a time, which is given as if it were in UTC. */
function momentOf(wall: number, zone: string): Date {
  let moment = wall;
  // The second step repairs a guess on the other side of a change of the clocks.
  for (let step = 0; step < 2; step += 1) {
    moment += wall - wallTime(new Date(moment), zone);
  }
  return new Date(moment);
}

/** What clocks in a zone show, as if it were UTC. */
function wallTime(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const [year = 0, month = 1, ...rest] = ["year", "month", "day", "hour", "minute", "second"].map(
    (type) => Number(parts.find((part) => part.type === type)?.value),
  );
  return Date.UTC(year, month - 1, ...rest);
}

function isKnown(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone });
    return true;
  } catch {
    return false;
  }
}
