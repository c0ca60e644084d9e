import type { Clock } from "../../platform/clock/clock.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import type { Feed } from "../../platform/events/feed.ts";
import { dayOf } from "../billing/index.ts";
import type { AchievementService } from "./achievements/achievement.service.ts";
import type { CopyRepository } from "./copies/copy.repository.ts";
import { milestonesReached } from "./goals.events.ts";
import { GOAL_TOPIC } from "./goals.vocabulary.ts";
import { rounded } from "./goals/goal.progress.ts";
import type { Goal, Milestone } from "./goals/goal.repository.ts";
import type { Profile, ProfileRepository } from "./profile.repository.ts";

/** What is counted one by one. */
type Counter = "scans" | "reviewsApproved";

/** What a change of goals leads to. It is gathered first, because wallets are locked before the feed everywhere. */
export interface ProfileChange {
  /** The version of the profile that this change makes; goals that change carry it. */
  readonly version: number;
  /** Shows a goal to its owner's screens. */
  changed(goal: Pick<Goal, "id" | "version">): void;
  /** Tells of milestones that a goal has passed. */
  reached(goal: Goal, milestones: readonly Milestone[]): void;
  /** Counts. */
  add(what: Counter, count?: number): void;
  /** Counts a completed goal. @param isFound Whether a plan proposed it and an analysis found it reached; of all others, one a day counts */
  completed(isFound: boolean): void;
  /** Notes the overall score of an analysis. */
  scored(score: number): void;
  /** Notes that the user has done something today. */
  cared(): void;
  /** Adds what a guest has come to, whose days have been moved. @param twice Days on which a goal counted for both */
  join(guest: Profile, twice: number): void;
}

export interface ProfileDependencies {
  readonly profiles: ProfileRepository;
  readonly achievements: AchievementService;
  readonly copies: Pick<CopyRepository, "enqueue">;
  readonly feed: Feed;
  readonly events: DomainEvents;
  readonly clock: Clock;
  /** The IANA time zone of a user, null when it is not known; UTC for everybody unless given. */
  readonly timeZoneOf?: (tx: Tx, userId: string) => Promise<string | null>;
}

/** The only way to change goals and achievements: under the lock of the user's profile, with everything that follows. */
export class ProfileService {
  constructor(private readonly dependencies: ProfileDependencies) {}

  /**
   * Locks the profile, lets `work` write, counts, unlocks and rewards, and tells the feed and other domains, in this order.
   * @returns what `work` gave, and whether the user's feed still takes something: it does not when the account is closed
   */
  async change<R>(
    tx: Tx,
    userId: string,
    work: (change: ProfileChange, profile: Profile) => Promise<R>,
  ): Promise<{ result: R; isOpen: boolean }> {
    const { profiles, achievements, copies } = this.dependencies;
    const before = await profiles.lock(tx, userId);
    const gathered = new Gathered({ ...before, version: before.version + 1 }, this.now());
    const result = await work(gathered, before);
    const profile = await this.withDays(tx, gathered);
    await profiles.save(tx, profile);
    const unlocked = await achievements.unlock(tx, profile);
    const isOpen = await this.tell(tx, gathered);
    for (const definition of unlocked) await achievements.tell(tx, profile, definition);
    await copies.enqueue(tx, userId);
    return { result, isOpen };
  }

  /** The day that a user's calendar shows now, YYYY-MM-DD. */
  async today(tx: Tx, userId: string): Promise<string> {
    const { timeZoneOf } = this.dependencies;
    return dayOf(this.now(), (await timeZoneOf?.(tx, userId)) ?? null).start;
  }

  private now(): Date {
    return this.dependencies.clock.now();
  }

  private async withDays(tx: Tx, { profile: counted, ...what }: Gathered): Promise<Profile> {
    const { profiles } = this.dependencies;
    const { userId, goalsCompleted } = counted;
    const today = what.hasCared || what.hasOwnGoal ? await this.today(tx, userId) : "";
    const isGoalDay = what.hasOwnGoal && (await profiles.addGoalDay(tx, userId, today));
    const profile = isGoalDay ? { ...counted, goalsCompleted: goalsCompleted + 1 } : counted;
    const isNewDay = what.hasCared && (await profiles.addDay(tx, userId, today));
    if (!isNewDay && !what.hasJoined) return profile;
    return { ...profile, longestStreak: await profiles.longestStreak(tx, userId) };
  }

  private async tell(tx: Tx, { profile, goals, news }: Gathered): Promise<boolean> {
    const { feed, events } = this.dependencies;
    const { userId } = profile;
    let isOpen = true;
    for (const [refId, version] of goals) {
      isOpen = (await feed.append(tx, userId, { topic: GOAL_TOPIC, refId, version })) > 0;
    }
    for (const { goal, milestones } of news) {
      await events.emit(tx, milestonesReached, {
        userId,
        goalId: goal.id,
        goalTitle: goal.title,
        milestones: milestones
          .map(({ percentage, title }) => ({ percentage, title }))
          .sort((a, b) => a.percentage - b.percentage),
      });
    }
    return isOpen;
  }
}

class Gathered implements ProfileChange {
  readonly goals = new Map<string, number>();
  readonly news: { readonly goal: Goal; readonly milestones: readonly Milestone[] }[] = [];
  hasCared = false;
  hasOwnGoal = false;
  hasJoined = false;

  constructor(
    public profile: Profile,
    private readonly at: Date,
  ) {}

  get version(): number {
    return this.profile.version;
  }

  changed({ id, version }: Pick<Goal, "id" | "version">): void {
    this.goals.set(id, version);
  }

  reached(goal: Goal, milestones: readonly Milestone[]): void {
    if (milestones.length > 0) this.news.push({ goal, milestones });
  }

  add(what: Counter, count = 1): void {
    this.profile = { ...this.profile, [what]: this.profile[what] + count };
  }

  completed(isFound: boolean): void {
    if (!isFound) this.hasOwnGoal = true;
    else this.profile = { ...this.profile, goalsCompleted: this.profile.goalsCompleted + 1 };
  }

  scored(score: number): void {
    const { firstScore, bestRise } = this.profile;
    this.profile =
      firstScore === null
        ? { ...this.profile, firstScore: score, firstScoreAt: this.at }
        : { ...this.profile, bestRise: Math.max(bestRise, rounded(score - firstScore)) };
  }

  cared(): void {
    this.hasCared = true;
  }

  join(guest: Profile, twice: number): void {
    const own = this.profile;
    const guestWasFirst =
      guest.firstScoreAt !== null &&
      (own.firstScoreAt === null || guest.firstScoreAt < own.firstScoreAt);
    const { firstScore, firstScoreAt } = guestWasFirst ? guest : own;
    this.hasJoined = true;
    this.profile = {
      ...own,
      scans: own.scans + guest.scans,
      goalsCompleted: own.goalsCompleted + guest.goalsCompleted - twice,
      reviewsApproved: own.reviewsApproved + guest.reviewsApproved,
      bestRise: Math.max(own.bestRise, guest.bestRise),
      firstScore,
      firstScoreAt,
    };
  }
}
