import { problem, refuse } from "../../../platform/graphql/problems.ts";
import { LIMITS } from "../goals.vocabulary.ts";
import { rounded } from "./goal.progress.ts";

const DAY_MS = 86_400_000;

/** A step on the way to a goal. */
export interface MilestoneWish {
  /** 1 to 100. */
  readonly percentage: number;
  readonly title: string;
}

const invalid = (message: string, path: readonly string[]): never =>
  refuse(problem("INVALID_INPUT", message, path));

/** A text without surrounding space. Refuses an empty or too long one, and control characters but for line ends. */
export function checkedText(text: string, name: keyof typeof LIMITS, field: string): string {
  const trimmed = text.trim();
  const most = LIMITS[name];
  if (trimmed === "" || [...trimmed].length > most || /[^\P{Cc}\n\r\t]/u.test(trimmed)) {
    invalid(`Give 1 to ${most} plain characters.`, ["input", field]);
  }
  return trimmed;
}

/** A metric from 0 to 100 as it is stored. Refuses others. */
export function checkedValue(value: number, field: string): number {
  if (!Number.isFinite(value) || value < 0 || value > 100) {
    invalid("Give a number from 0 to 100.", ["input", field]);
  }
  return rounded(value);
}

/** Refuses a goal that is where it begins. */
export function checkCourse(baseline: number, target: number): void {
  if (baseline !== target) return;
  refuse(
    problem("TARGET_EQUALS_BASELINE", "The target must differ from where you are now.", [
      "input",
      "target",
    ]),
  );
}

/** Refuses a deadline that is not after today, or too far away. @param today The user's day, YYYY-MM-DD */
export function checkDeadline(deadline: string, today: string): void {
  const days = (Date.parse(deadline) - Date.parse(today)) / DAY_MS;
  if (days >= 1 && days <= LIMITS.days) return;
  refuse(
    problem("DEADLINE_OUT_OF_RANGE", `Choose a day within the next ${LIMITS.days} days.`, [
      "input",
      "deadline",
    ]),
  );
}

/** Milestones in their order. Refuses too many, two at one place, and places outside 1 to 100. */
export function checkedMilestones(wishes: readonly MilestoneWish[]): MilestoneWish[] {
  const path = ["input", "milestones"];
  if (wishes.length > LIMITS.milestones) {
    invalid(`Give at most ${LIMITS.milestones} milestones.`, path);
  }
  const places = wishes.map(({ percentage }) => percentage);
  if (places.some((place) => place < 1 || place > 100) || new Set(places).size < places.length) {
    invalid("Each milestone has a place of its own, from 1 to 100 percent.", path);
  }
  return wishes
    .map(({ percentage, title }) => ({
      percentage,
      title: checkedText(title, "milestoneTitle", "milestones"),
    }))
    .sort((a, b) => a.percentage - b.percentage);
}

/** The day that lies so many days after another one, YYYY-MM-DD. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
