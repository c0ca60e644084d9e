import { domainEventType } from "../../platform/events/domain-events.ts";
import type { Language } from "../../platform/graphql/context.ts";

/** A goal has passed milestones. Each is told once. */
export const milestonesReached = domainEventType<{
  readonly userId: string;
  readonly goalId: string;
  readonly goalTitle: string;
  /** At least one, rising. */
  readonly milestones: readonly { readonly percentage: number; readonly title: string }[];
}>("goals.milestones_reached");

/** A user has unlocked an achievement, and has the points for it. Told once per user and achievement. */
export const achievementUnlocked = domainEventType<{
  readonly userId: string;
  readonly achievement: string;
  readonly titles: Readonly<Record<Language, string>>;
  /** 0 when it gives none. */
  readonly points: number;
}>("goals.achievement_unlocked");
