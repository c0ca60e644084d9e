import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../../platform/events/domain-events.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import { followLog } from "../../../platform/realtime/follow-log.ts";
import type { Nudges } from "../../../platform/realtime/nudges.ts";
import type { Sweep } from "../../../platform/realtime/sweep.ts";
import type { WalletService } from "../../wallet/index.ts";
import { achievementUnlocked } from "../goals.events.ts";
import { ACHIEVEMENT_TOPIC } from "../goals.vocabulary.ts";
import type { Profile, ProfileRepository } from "../profile.repository.ts";
import {
  ACHIEVEMENTS,
  countOf,
  isEarned,
  type AchievementDefinition,
} from "./achievement.catalogue.ts";
import type { AchievementRepository, NumberedUnlock } from "./achievement.repository.ts";

/** An achievement as a user sees it. */
export interface AchievementState {
  readonly definition: AchievementDefinition;
  /** 0 to the definition's goal. */
  readonly count: number;
  readonly unlockedAt: Date | null;
}

const topicOf = (userId: string): string => `achievements:${userId}`;

export interface AchievementDependencies {
  readonly unlocks: AchievementRepository;
  readonly profiles: Pick<ProfileRepository, "ofUsers">;
  readonly wallets: Pick<WalletService, "credit" | "takeBack">;
  /** Whether an address or phone of a user was shown to be the user's. */
  readonly isRegistered: (tx: Tx, userId: string) => Promise<boolean>;
  readonly feed: Feed;
  readonly nudges: Nudges;
  /** Sweeps over the users whose achievements are followed in this process. */
  readonly sweep: Sweep;
  readonly events: DomainEvents;
  readonly clock: Clock;
}

/** Unlocks achievements, and shows how far users have come. */
export class AchievementService {
  constructor(private readonly dependencies: AchievementDependencies) {}

  /**
   * Unlocks what a user has earned and has not yet, and gives the points for it. What gives points waits until the user is
   * registered: anybody can be a new guest as often as they like. The caller holds the lock of the profile.
   * @returns what was unlocked, to be told once every wallet has been locked
   */
  async unlock(tx: Tx, profile: Profile): Promise<readonly AchievementDefinition[]> {
    const { unlocks, clock } = this.dependencies;
    const { userId } = profile;
    const due = await this.due(tx, profile);
    if (due.length === 0) return [];
    const names = due.map(({ name }) => name);
    const added = new Set(await unlocks.add(tx, userId, names, clock.now()));
    const unlocked = due.filter(({ name }) => added.has(name));
    for (const definition of unlocked) await this.reward(tx, userId, definition);
    return unlocked;
  }

  /** Tells of an unlocked achievement, in the transaction that unlocked it. */
  async tell(tx: Tx, profile: Profile, definition: AchievementDefinition): Promise<void> {
    const { unlocks, feed, nudges, events } = this.dependencies;
    const { userId, version } = profile;
    const { name, title: titles, points } = definition;
    const seq = await feed.append(tx, userId, { topic: ACHIEVEMENT_TOPIC, refId: name, version });
    await unlocks.setSeq(tx, userId, name, seq);
    await events.emit(tx, achievementUnlocked, { userId, achievement: name, titles, points });
    tx.afterCommit(() => {
      nudges.send(topicOf(userId));
    });
  }

  /** Makes a guest's unlocks an account's. What both had was rewarded twice: the guest's points go back. */
  async move(tx: Tx, fromUserId: string, toUserId: string): Promise<void> {
    const { unlocks, wallets } = this.dependencies;
    const twice = await unlocks.moveAll(tx, fromUserId, toUserId);
    for (const definition of ACHIEVEMENTS) {
      if (!twice.includes(definition.name) || definition.points === 0) continue;
      const entryKey = rewardKey(fromUserId, definition.name);
      await wallets.takeBack(tx, { entryKey, key: `${entryKey}:twice` });
    }
  }

  /** The whole catalogue as it stands for a user. */
  async statesOf(userId: string): Promise<AchievementState[]> {
    const { unlocks, profiles } = this.dependencies;
    const [known, [profile]] = await Promise.all([
      unlocks.ofUsers([userId]),
      profiles.ofUsers([userId]),
    ]);
    const unlockedAt = new Map(known.map((each) => [each.achievement, each.unlockedAt]));
    return ACHIEVEMENTS.map((definition) => {
      const at = unlockedAt.get(definition.name) ?? null;
      const count = at === null ? countOf(definition, profile ?? null) : definition.goal;
      return { definition, count, unlockedAt: at };
    });
  }

  /** Follows what a user unlocks. @param after Number of the last event that the client has; null starts now. */
  async follow(
    userId: string,
    after: number | null,
  ): Promise<AsyncIterableIterator<NumberedUnlock>> {
    if (after !== null && after < 0) throw badUserInput("after must not be negative.", ["after"]);
    const { unlocks, feed, sweep } = this.dependencies;
    return followLog<NumberedUnlock>({
      after: after ?? (await feed.lastSeq(userId)),
      positionOf: ({ seq }) => seq,
      readAfter: (seq) => unlocks.after(userId, seq),
      listen: (onNudge) => sweep.listen(userId, topicOf(userId), onNudge),
    });
  }

  /** What a user has earned, does not have, and may have. */
  private async due(tx: Tx, profile: Profile): Promise<AchievementDefinition[]> {
    const { unlocks, isRegistered } = this.dependencies;
    const earned = ACHIEVEMENTS.filter((each) => isEarned(each, profile));
    if (earned.length === 0) return [];
    const had = new Set(await unlocks.namesOf(tx, profile.userId));
    const open = earned.filter(({ name }) => !had.has(name));
    const free = open.filter(({ points }) => points === 0);
    if (free.length === open.length) return free;
    return (await isRegistered(tx, profile.userId)) ? open : free;
  }

  private async reward(tx: Tx, userId: string, definition: AchievementDefinition): Promise<void> {
    const { name, points } = definition;
    if (points === 0) return;
    await this.dependencies.wallets.credit(tx, {
      userId,
      currency: "POINTS",
      amount: points,
      kind: "REWARD",
      reference: { type: "achievement", id: name },
      key: rewardKey(userId, name),
    });
  }
}

const rewardKey = (userId: string, name: string): string => `achievement:${userId}:${name}`;
