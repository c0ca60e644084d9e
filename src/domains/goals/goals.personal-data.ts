import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { PersonalData } from "../../platform/module.ts";
import type { AchievementRepository } from "./achievements/achievement.repository.ts";
import type { AchievementService } from "./achievements/achievement.service.ts";
import type { CopyRepository } from "./copies/copy.repository.ts";
import type { GoalRepository } from "./goals/goal.repository.ts";
import type { ProfileRepository } from "./profile.repository.ts";
import type { ProfileService } from "./profile.service.ts";

/** How goals and achievements are handed over, moved and forgotten. */
export function createGoalsPersonalData(dependencies: {
  readonly unitOfWork: UnitOfWork;
  readonly goals: GoalRepository;
  readonly unlocks: AchievementRepository;
  readonly achievements: AchievementService;
  readonly profileRows: ProfileRepository;
  readonly profiles: ProfileService;
  readonly copies: CopyRepository;
}): PersonalData {
  const { unitOfWork, goals, unlocks, achievements, profileRows, profiles, copies } = dependencies;
  return {
    name: "goals",
    tables: ["goals", "goal_profiles", "care_days", "goal_days", "achievement_unlocks"],
    collections: ["goals", "user_achievements"],
    export: async (userId) => ({
      goals: await exported(goals, userId),
      achievements: (await unlocks.ofUsers([userId])).map(({ achievement, unlockedAt }) => ({
        achievement,
        unlockedAt,
      })),
      days: await profileRows.daysOf(userId),
    }),
    lock: async (tx, userId) => void (await profileRows.lockPresent(tx, userId)),
    merge: async (tx, { fromUserId, toUserId }) => {
      const guest = await profileRows.lockPresent(tx, fromUserId);
      if (!guest) return { goals: 0 };
      const { result } = await profiles.change(tx, toUserId, async (change) => {
        const moved = await goals.moveAll(tx, fromUserId, toUserId, change.version);
        const twice = await profileRows.moveDays(tx, fromUserId, toUserId);
        await achievements.move(tx, fromUserId, toUserId);
        await profileRows.remove(tx, fromUserId);
        change.join(guest, twice);
        return moved;
      });
      await copies.enqueue(tx, fromUserId);
      return { goals: result };
    },
    erase: async (userId) => {
      await unitOfWork.run(async (tx) => {
        await profileRows.lockPresent(tx, userId);
        await goals.removeOf(tx, userId);
        await unlocks.removeOf(tx, userId);
        await profileRows.remove(tx, userId);
      });
      await copies.removeOf(userId);
    },
  };
}

async function exported(repository: GoalRepository, userId: string) {
  const goals = await repository.allOf(userId);
  const milestones = await repository.milestonesOf(goals.map(({ id }) => id));
  return goals.map(({ userId: _owner, planId: _plan, version: _version, entries, ...goal }) => ({
    ...goal,
    milestones: milestones
      .filter(({ goalId }) => goalId === goal.id)
      .map(({ percentage, title, reachedAt }) => ({ percentage, title, reachedAt })),
    history: entries.map(({ value, note, createdAt }) => ({ value, note, createdAt })),
  }));
}
