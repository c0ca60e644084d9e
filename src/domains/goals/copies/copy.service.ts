import { ACHIEVEMENTS, countOf } from "../achievements/achievement.catalogue.ts";
import type { AchievementRepository, Unlock } from "../achievements/achievement.repository.ts";
import { progressOf } from "../goals/goal.progress.ts";
import type { Profile, ProfileRepository } from "../profile.repository.ts";
import type {
  AchievementDocument,
  ChangedGoal,
  CopyRepository,
  GoalDocument,
} from "./copy.repository.ts";

const BEHIND_AT_ONCE = 1_000;

export interface CopyDependencies {
  readonly copies: CopyRepository;
  readonly profiles: Pick<ProfileRepository, "ofUsers">;
  readonly unlocks: Pick<AchievementRepository, "ofUsers">;
}

/** Keeps the documents in MongoDB like the rows in PostgreSQL: never ahead of them, never an older state over a newer one. */
export class CopyService {
  constructor(private readonly dependencies: CopyDependencies) {}

  /** Writes what has changed of a user; rejects while MongoDB is away. May be run at any time, also twice at once. */
  async copy(userId: string): Promise<void> {
    const { copies, profiles, unlocks } = this.dependencies;
    const [profile] = await profiles.ofUsers([userId]);
    if (!profile) return copies.removeOf(userId);
    await copies.writeGoals((await copies.changedGoals(userId)).map(goalDocument));
    await copies.writeAchievements(achievementDocuments(profile, await unlocks.ofUsers([userId])));
    // Whoever was erased or taken over meanwhile must not stay in MongoDB.
    if (!(await copies.copied(userId, profile.version))) await copies.removeOf(userId);
  }

  /** Has everything copied that is behind. */
  catchUp(): Promise<void> {
    return this.dependencies.copies.enqueueBehind(BEHIND_AT_ONCE);
  }
}

const goalDocument = (goal: ChangedGoal): GoalDocument => ({
  _id: goal.id,
  userId: goal.userId,
  title: goal.title,
  description: goal.description,
  targetMetric: goal.metric,
  baseline: goal.baseline,
  target: goal.target,
  currentValue: goal.value,
  progress: progressOf(goal),
  deadline: goal.deadline,
  status: goal.status,
  milestones: goal.milestones.map(({ reachedAt, ...step }) => ({
    ...step,
    reachedAt: reachedAt === null ? null : new Date(reachedAt),
  })),
  createdAt: goal.createdAt,
  endedAt: goal.endedAt,
  version: goal.version,
});

function achievementDocuments(profile: Profile, unlocks: readonly Unlock[]): AchievementDocument[] {
  const unlockedAt = new Map(unlocks.map((each) => [each.achievement, each.unlockedAt]));
  return ACHIEVEMENTS.map((definition) => {
    const at = unlockedAt.get(definition.name) ?? null;
    const count = at === null ? countOf(definition, profile) : definition.goal;
    return {
      _id: `${profile.userId}:${definition.name}`,
      userId: profile.userId,
      achievementId: definition.name,
      isUnlocked: at !== null,
      progress: count / definition.goal,
      unlockedAt: at,
      version: profile.version,
    };
  });
}
