import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { badUserInput, notFound, unauthenticated } from "../../../platform/graphql/errors.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { Metric, Metrics } from "../../analyses/index.ts";
import { refuseEnded, refuseMany } from "../goals.problems.ts";
import { GOAL_PREFIX, LIMITS, type GoalStatus } from "../goals.vocabulary.ts";
import type { ProfileChange, ProfileService } from "../profile.service.ts";
import {
  checkCourse,
  checkDeadline,
  checkedMilestones,
  checkedText,
  checkedValue,
  type MilestoneWish,
} from "./goal.input.ts";
import { usualMilestones } from "./goal.milestones.ts";
import { percentOf, progressOf, rounded } from "./goal.progress.ts";
import type { Goal, GoalEntry, GoalRepository } from "./goal.repository.ts";

const ENTRY_PREFIX = "gen";

/** A goal that a user wants. */
export interface GoalWish {
  readonly title: string;
  readonly description: string;
  readonly metric: Metric;
  readonly baseline: number;
  readonly target: number;
  /** YYYY-MM-DD. */
  readonly deadline: string;
  /** Null: the usual ones. */
  readonly milestones: readonly MilestoneWish[] | null;
  readonly idempotencyKey: string | null;
}

/** What a user changes about a goal; what is absent stays. */
export type GoalEdit = Partial<Pick<Goal, "title" | "description" | "target" | "deadline">>;

/** A goal of a plan. */
export interface PlannedGoal extends Pick<
  Goal,
  "title" | "description" | "metric" | "baseline" | "target" | "deadline"
> {
  readonly milestones: readonly MilestoneWish[];
}

export interface GoalDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly idempotency: Idempotency;
  readonly goals: GoalRepository;
  readonly profiles: ProfileService;
  readonly ids: Ids;
  readonly clock: Clock;
}

type Caller = { readonly userId: string; readonly language: Language };

/** Makes, changes and advances goals. */
export class GoalService {
  constructor(private readonly dependencies: GoalDependencies) {}

  /** Makes a goal. Refuses with INVALID_INPUT, TARGET_EQUALS_BASELINE, DEADLINE_OUT_OF_RANGE and GOAL_LIMIT_REACHED. */
  async create({ userId, language }: Caller, wish: GoalWish): Promise<Goal> {
    const { idempotencyKey: key, ...input } = wish;
    const planned: PlannedGoal = {
      metric: wish.metric,
      deadline: wish.deadline,
      title: checkedText(wish.title, "title", "title"),
      description: optionalText(wish.description),
      baseline: checkedValue(wish.baseline, "baseline"),
      target: checkedValue(wish.target, "target"),
      milestones: wish.milestones ? checkedMilestones(wish.milestones) : usualMilestones(language),
    };
    checkCourse(planned.baseline, planned.target);
    return this.once(userId, { key, operation: "createGoal", input }, async (tx, change) => {
      checkDeadline(planned.deadline, await this.dependencies.profiles.today(tx, userId));
      const open = await this.dependencies.goals.activeOf(tx, userId, null);
      if (open.length >= LIMITS.openGoals) refuseMany();
      return this.add(tx, change, { userId, planId: null }, planned);
    });
  }

  /**
   * Changes an open goal; a target that has been reached already completes it. Milestones that were reached stay so.
   * Refuses like `create`, and with GOAL_NOT_ACTIVE. @throws NOT_FOUND
   */
  async update(userId: string, id: string, edit: GoalEdit): Promise<Goal> {
    return this.changeOne(userId, id, async (tx, change, goal) => {
      const next = {
        ...goal,
        ...(edit.title !== undefined && { title: checkedText(edit.title, "title", "title") }),
        ...(edit.description !== undefined && { description: optionalText(edit.description) }),
        ...(edit.target !== undefined && { target: checkedValue(edit.target, "target") }),
        ...(edit.deadline !== undefined && { deadline: edit.deadline }),
      };
      checkCourse(next.baseline, next.target);
      if (edit.deadline !== undefined) {
        checkDeadline(edit.deadline, await this.dependencies.profiles.today(tx, userId));
      }
      const updated = await this.dependencies.goals.update(tx, next, change.version);
      if (next.target === goal.target) return updated;
      await this.reach(tx, change, [updated]);
      if (progressOf(updated) < 1) return updated;
      return this.end(tx, change, id, "COMPLETED");
    });
  }

  /** Gives an open goal up. Refuses with GOAL_NOT_ACTIVE. @throws NOT_FOUND */
  abandon(userId: string, id: string): Promise<Goal> {
    return this.changeOne(userId, id, (tx, change) => this.end(tx, change, id, "ABANDONED"));
  }

  /** Declares an open goal reached, wherever its metric is. Refuses with GOAL_NOT_ACTIVE. @throws NOT_FOUND */
  complete(userId: string, id: string): Promise<Goal> {
    return this.changeOne(userId, id, (tx, change) => this.end(tx, change, id, "COMPLETED"));
  }

  /** Logs where an open goal is. Refuses with INVALID_INPUT and GOAL_NOT_ACTIVE. @throws NOT_FOUND, IDEMPOTENCY_MISMATCH */
  log(
    userId: string,
    log: { goalId: string; value: number; note: string | null; idempotencyKey: string | null },
  ): Promise<Goal> {
    const { idempotencyKey: key, ...input } = log;
    const value = checkedValue(log.value, "value");
    const trimmed = log.note?.trim() ?? "";
    const note = trimmed === "" ? null : checkedText(trimmed, "note", "note");
    const call = { key, operation: "logGoalProgress", input };
    return this.once(userId, call, async (tx, change) => {
      const goal = await this.open(tx, userId, log.goalId);
      change.cared();
      const [advanced] = await this.advance(tx, change, [{ goal, value }], {
        note,
        analysisId: null,
      });
      return advanced ?? goal;
    });
  }

  /** An analysis has ended: it counts, and takes the open goals on whose metrics it measured. */
  async measured(
    tx: Tx,
    facts: { readonly userId: string; readonly analysisId: string; readonly metrics: Metrics },
  ): Promise<void> {
    const { profiles, goals } = this.dependencies;
    const { userId, analysisId, metrics } = facts;
    const names = Object.entries(metrics).flatMap(([name, value]) =>
      value === null ? [] : [name],
    );
    await profiles.change(tx, userId, async (change) => {
      change.add("scans");
      change.cared();
      if (metrics.overallSkinHealthScore !== null) change.scored(metrics.overallSkinHealthScore);
      const open = await goals.activeOf(tx, userId, names);
      const steps = open.map((goal) => ({
        goal,
        value: rounded(metrics[goal.metric] ?? goal.value),
      }));
      await this.advance(tx, change, steps, { note: null, analysisId });
    });
  }

  /** Stores the goals of a plan, as many as the user may have open and none for a metric that has one. */
  async addPlanned(
    tx: Tx,
    plan: { readonly userId: string; readonly planId: string },
    planned: readonly PlannedGoal[],
  ): Promise<void> {
    const { profiles, goals } = this.dependencies;
    await profiles.change(tx, plan.userId, async (change) => {
      const open = await goals.activeOf(tx, plan.userId, null);
      const taken = new Set(open.map(({ metric }) => metric));
      const room = Math.max(0, LIMITS.openGoals - open.length);
      const fitting = planned.filter(({ metric }) => !taken.has(metric)).slice(0, room);
      for (const goal of fitting) await this.add(tx, change, plan, goal);
    });
  }

  /** A page of a user's goals, newest first. */
  page(userId: string, status: GoalStatus | null, page: PageRequest): Promise<Goal[]> {
    checkCursor(page);
    return this.dependencies.goals.pageOf(userId, status, page);
  }

  /** A page of what was measured and logged of a goal, newest first. */
  history(goalId: string, page: PageRequest): Promise<GoalEntry[]> {
    checkCursor(page);
    return this.dependencies.goals.entriesOf(goalId, page);
  }

  private async add(
    tx: Tx,
    change: ProfileChange,
    owner: { readonly userId: string; readonly planId: string | null },
    { milestones, ...planned }: PlannedGoal,
  ): Promise<{ id: string }> {
    const { goals, ids, clock } = this.dependencies;
    const { userId, planId } = owner;
    const id = ids.next(GOAL_PREFIX);
    const goal = { ...planned, id, userId, planId, createdAt: clock.now() };
    await goals.add(tx, goal, milestones, change.version);
    change.changed({ id, version: 1 });
    return { id };
  }

  private async advance(
    tx: Tx,
    change: ProfileChange,
    moves: readonly { readonly goal: Goal; readonly value: number }[],
    entry: { readonly note: string | null; readonly analysisId: string | null },
  ): Promise<Goal[]> {
    if (moves.length === 0) return [];
    const { goals, ids, clock } = this.dependencies;
    const steps = moves.map(({ goal, value }) => {
      const course = { ...goal, value };
      return {
        entryId: ids.next(ENTRY_PREFIX),
        goalId: goal.id,
        value,
        progress: progressOf(course),
        percent: percentOf(course),
      };
    });
    const at = clock.now();
    const moved = await goals.advance(tx, steps, { ...entry, at, profileVersion: change.version });
    for (const goal of moved) {
      change.changed(goal);
      const isFound = goal.planId !== null && entry.analysisId !== null;
      if (goal.status === "COMPLETED") change.completed(isFound);
    }
    await this.reach(tx, change, moved);
    return moved;
  }

  private async reach(tx: Tx, change: ProfileChange, moved: readonly Goal[]): Promise<void> {
    const { goals, clock } = this.dependencies;
    const places = moved.map((goal) => ({ goalId: goal.id, percent: percentOf(goal) }));
    const reached = await goals.reach(tx, places, clock.now());
    for (const goal of moved) {
      change.changed(goal);
      change.reached(
        goal,
        reached.filter(({ goalId }) => goalId === goal.id),
      );
    }
  }

  private async end(
    tx: Tx,
    change: ProfileChange,
    id: string,
    status: "COMPLETED" | "ABANDONED",
  ): Promise<Goal> {
    const { goals, clock } = this.dependencies;
    const ending = { status, at: clock.now(), profileVersion: change.version };
    const ended = await goals.end(tx, id, ending);
    if (status === "COMPLETED") change.completed(false);
    return ended;
  }

  private async open(tx: Tx, userId: string, id: string): Promise<Goal> {
    const goal = await this.dependencies.goals.ofUser(tx, userId, id);
    if (!goal) throw notFound("The goal");
    return goal.status === "ACTIVE" ? goal : refuseEnded();
  }

  private changeOne(
    userId: string,
    id: string,
    work: (tx: Tx, change: ProfileChange, goal: Goal) => Promise<Goal>,
  ): Promise<Goal> {
    const call = { key: null, operation: "", input: null };
    return this.once(userId, call, async (tx, change) => {
      const changed = await work(tx, change, await this.open(tx, userId, id));
      change.changed(changed);
      return changed;
    });
  }

  /** Changes goals in a transaction of its own, once per key. @throws UNAUTHENTICATED when the account was closed meanwhile */
  private async once(
    userId: string,
    call: { readonly key: string | null; readonly operation: string; readonly input: unknown },
    work: (tx: Tx, change: ProfileChange) => Promise<{ id: string }>,
  ): Promise<Goal> {
    const { unitOfWork, idempotency, profiles, goals } = this.dependencies;
    Idempotency.checkKey(call.key);
    const { id } = await unitOfWork.run((tx) =>
      idempotency.once(tx, { ...call, userId }, async () => {
        const { result, isOpen } = await profiles.change(tx, userId, (change) => work(tx, change));
        if (!isOpen) throw unauthenticated("SESSION_ENDED");
        return { id: result.id };
      }),
    );
    const [goal] = await goals.byIds([id]);
    if (goal?.userId !== userId) throw notFound("The goal");
    return goal;
  }
}

function optionalText(text: string): string {
  return text.trim() === "" ? "" : checkedText(text, "description", "description");
}

function checkCursor({ beyond }: PageRequest): void {
  const key = beyond?.[0] ?? null;
  if (key !== null && typeof key !== "string") {
    throw badUserInput("This cursor does not belong to this list.", ["after"]);
  }
}
