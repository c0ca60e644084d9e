/** What progress is computed from: metrics from 0 to 100. */
export interface Course {
  readonly baseline: number;
  readonly target: number;
  readonly value: number;
}

const PRECISION = 1e6;

/**
 * How far a goal has come, 0 to 1: (value − baseline) / (target − baseline), clamped. Works in both directions.
 * The sixth decimal is the last, so that three tenths of the way are 30 % and not a hair less.
 */
export function progressOf({ baseline, target, value }: Course): number {
  const fraction = (value - baseline) / (target - baseline);
  return Math.round(Math.min(1, Math.max(0, fraction)) * PRECISION) / PRECISION;
}

/** The whole percents that a course has reached, for milestones. */
export const percentOf = (course: Course): number =>
  Math.floor(Math.round(progressOf(course) * PRECISION) / (PRECISION / 100));

/** A metric as it is stored: two decimals. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;
