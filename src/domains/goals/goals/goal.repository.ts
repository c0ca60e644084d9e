import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import type { Metric } from "../../analyses/index.ts";
import type { GoalStatus } from "../goals.vocabulary.ts";
import type { MilestoneWish } from "./goal.input.ts";

/** A row of `goals`. */
export interface Goal {
  readonly id: string;
  readonly userId: string;
  /** The plan that proposed it; null when the user made it. */
  readonly planId: string | null;
  readonly title: string;
  readonly description: string;
  readonly metric: Metric;
  readonly baseline: number;
  readonly target: number;
  /** The metric as it was last measured or logged. */
  readonly value: number;
  /** YYYY-MM-DD. */
  readonly deadline: string;
  readonly status: GoalStatus;
  readonly version: number;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** A row of `goal_milestones`. */
export interface Milestone {
  readonly goalId: string;
  readonly percentage: number;
  readonly title: string;
  readonly reachedAt: Date | null;
}

/** A row of `goal_entries`. */
export interface GoalEntry {
  readonly id: string;
  readonly goalId: string;
  readonly value: number;
  readonly progress: number;
  readonly note: string | null;
  readonly analysisId: string | null;
  readonly createdAt: Date;
}

/** Where a goal is after something was measured or logged. */
export interface Step {
  readonly entryId: string;
  readonly goalId: string;
  readonly value: number;
  readonly progress: number;
  /** Whole percents, for milestones. */
  readonly percent: number;
}

const COLUMNS = `g.id, g.user_id as "userId", g.plan_id as "planId", g.title, g.description, g.metric,
  g.baseline, g.target, g.value, g.deadline::text as deadline, g.status, g.version,
  g.created_at as "createdAt", g.ended_at as "endedAt"`;
const MILESTONE = `goal_id as "goalId", percentage, title, reached_at as "reachedAt"`;
const ENTRY = `id, goal_id as "goalId", value, progress, note, analysis_id as "analysisId",
  created_at as "createdAt"`;

/** Every statement on `goals`, `goal_milestones` and `goal_entries`. Writers hold the lock of the user's profile. */
export class GoalRepository {
  constructor(private readonly database: Database) {}

  async add(
    tx: Tx,
    goal: Omit<Goal, "status" | "version" | "value" | "endedAt">,
    milestones: readonly MilestoneWish[],
    profileVersion: number,
  ): Promise<void> {
    await tx.execute(
      `insert into goals (id, user_id, plan_id, title, description, metric, baseline, target, value,
         deadline, profile_version, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $7, $9, $10, $11)`,
      [
        goal.id,
        goal.userId,
        goal.planId,
        goal.title,
        goal.description,
        goal.metric,
        goal.baseline,
        goal.target,
        goal.deadline,
        profileVersion,
        goal.createdAt,
      ],
    );
    await tx.execute(
      `insert into goal_milestones (goal_id, percentage, title)
       select $1, * from unnest($2::int[], $3::text[])`,
      [goal.id, milestones.map((each) => each.percentage), milestones.map((each) => each.title)],
    );
  }

  /** One goal of a user; null for somebody else's. */
  async ofUser(tx: Tx, userId: string, id: string): Promise<Goal | null> {
    const rows = await tx.query<Goal>(
      `select ${COLUMNS} from goals g where g.id = $1 and g.user_id = $2`,
      [id, userId],
    );
    return rows[0] ?? null;
  }

  /** The open goals of a user, of some metrics where they are given. */
  activeOf(tx: Tx, userId: string, metrics: readonly string[] | null): Promise<Goal[]> {
    return tx.query<Goal>(
      `select ${COLUMNS} from goals g where g.user_id = $1 and g.status = 'ACTIVE'
         and ($2::text[] is null or g.metric = any($2)) order by g.id`,
      [userId, metrics],
    );
  }

  /** The metrics of a user's open goals. */
  async openMetrics(userId: string): Promise<string[]> {
    const rows = await this.database.query<{ metric: string }>(
      "select distinct metric from goals where user_id = $1 and status = 'ACTIVE'",
      [userId],
    );
    return rows.map(({ metric }) => metric);
  }

  /** Whose a plan is now. */
  async ownerOfPlan(tx: Tx, planId: string): Promise<string> {
    const rows = await tx.query<{ userId: string }>(
      `select user_id as "userId" from ai_jobs where id = $1`,
      [planId],
    );
    if (!rows[0]) throw new Error(`The plan ${planId} is gone.`);
    return rows[0].userId;
  }

  /** Takes open goals a step on, with an entry each; what has arrived is completed. @returns them as they are now */
  async advance(
    tx: Tx,
    steps: readonly Step[],
    entry: {
      readonly note: string | null;
      readonly analysisId: string | null;
      readonly at: Date;
      readonly profileVersion: number;
    },
  ): Promise<Goal[]> {
    await tx.execute(
      `insert into goal_entries (id, goal_id, value, progress, note, analysis_id, created_at)
       select s.*, $5::text, $6::text, $7::timestamptz
       from unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) s
       on conflict (goal_id, analysis_id) do nothing`,
      [...columnsOf(steps), entry.note, entry.analysisId, entry.at],
    );
    return tx.query<Goal>(
      `update goals g set value = s.value, version = g.version + 1, profile_version = $5,
         status = case when s.progress >= 1 then 'COMPLETED' else 'ACTIVE' end,
         ended_at = case when s.progress >= 1 then $6::timestamptz end
       from unnest($1::text[], $2::text[], $3::float8[], $4::float8[])
         s (entry_id, goal_id, value, progress)
       where g.id = s.goal_id and g.status = 'ACTIVE' returning ${COLUMNS}`,
      [...columnsOf(steps), entry.profileVersion, entry.at],
    );
  }

  /** Marks milestones that lie behind; each is returned by one call only. */
  reach(
    tx: Tx,
    steps: readonly Pick<Step, "goalId" | "percent">[],
    at: Date,
  ): Promise<Milestone[]> {
    return tx.query<Milestone>(
      `update goal_milestones m set reached_at = $3
       from unnest($1::text[], $2::int[]) s (id, percent)
       where m.goal_id = s.id and m.percentage <= s.percent and m.reached_at is null
       returning ${MILESTONE}`,
      [steps.map(({ goalId }) => goalId), steps.map(({ percent }) => percent), at],
    );
  }

  /** Changes what a user wrote about a goal. */
  async update(
    tx: Tx,
    goal: Pick<Goal, "id" | "title" | "description" | "target" | "deadline">,
    profileVersion: number,
  ): Promise<Goal> {
    const rows = await tx.query<Goal>(
      `update goals g set title = $2, description = $3, target = $4, deadline = $5,
         version = version + 1, profile_version = $6
       where id = $1 and status = 'ACTIVE' returning ${COLUMNS}`,
      [goal.id, goal.title, goal.description, goal.target, goal.deadline, profileVersion],
    );
    return only(rows);
  }

  /** Ends an open goal. */
  async end(
    tx: Tx,
    id: string,
    ending: { status: "COMPLETED" | "ABANDONED"; at: Date; profileVersion: number },
  ): Promise<Goal> {
    const rows = await tx.query<Goal>(
      `update goals g set status = $2, ended_at = $3, version = version + 1, profile_version = $4
       where id = $1 and status = 'ACTIVE' returning ${COLUMNS}`,
      [id, ending.status, ending.at, ending.profileVersion],
    );
    return only(rows);
  }

  byIds(ids: readonly string[]): Promise<Goal[]> {
    return this.database.query<Goal>(
      `select ${COLUMNS} from goals g where g.id = any($1)`,
      [ids],
      "goals.by_ids",
    );
  }

  /** The goals that some plans proposed, oldest first. */
  ofPlans(planIds: readonly string[]): Promise<Goal[]> {
    return this.database.query<Goal>(
      `select ${COLUMNS} from goals g where g.plan_id = any($1) order by g.id`,
      [planIds],
      "goals.of_plans",
    );
  }

  /** Up to `rowsToFetch` goals of a user, newest first, in the direction of the request. */
  pageOf(userId: string, status: GoalStatus | null, page: PageRequest): Promise<Goal[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<Goal>(
      `select ${COLUMNS} from goals g where g.user_id = $1 and ($2::text is null or g.status = $2)
         and ($3::text is null or g.id ${compare} $3) order by g.id ${order} limit $4`,
      [userId, status, page.beyond?.[0] ?? null, rowsToFetch(page)],
    );
  }

  milestonesOf(goalIds: readonly string[]): Promise<Milestone[]> {
    return this.database.query<Milestone>(
      `select ${MILESTONE} from goal_milestones where goal_id = any($1) order by goal_id, percentage`,
      [goalIds],
      "goals.milestones",
    );
  }

  /** Up to `rowsToFetch` entries of a goal, newest first, in the direction of the request. */
  entriesOf(goalId: string, page: PageRequest): Promise<GoalEntry[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<GoalEntry>(
      `select ${ENTRY} from goal_entries where goal_id = $1
         and ($2::text is null or id ${compare} $2) order by id ${order} limit $3`,
      [goalId, page.beyond?.[0] ?? null, rowsToFetch(page)],
    );
  }

  /** Everything about a user's goals, oldest first. */
  async allOf(userId: string): Promise<(Goal & { entries: GoalEntry[] })[]> {
    const goals = await this.database.query<Goal>(
      `select ${COLUMNS} from goals g where g.user_id = $1 order by g.id`,
      [userId],
    );
    const entries = await this.database.query<GoalEntry>(
      `select ${ENTRY} from goal_entries where goal_id = any($1) order by id`,
      [goals.map(({ id }) => id)],
    );
    return goals.map((goal) => ({
      ...goal,
      entries: entries.filter(({ goalId }) => goalId === goal.id),
    }));
  }

  /** Makes the goals of one user another's; returns how many. */
  moveAll(tx: Tx, fromUserId: string, toUserId: string, profileVersion: number): Promise<number> {
    return tx.execute(
      `update goals set user_id = $2, version = version + 1, profile_version = $3 where user_id = $1`,
      [fromUserId, toUserId, profileVersion],
    );
  }

  async removeOf(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from goals where user_id = $1", [userId]);
  }
}

const columnsOf = (steps: readonly Step[]) => [
  steps.map(({ entryId }) => entryId),
  steps.map(({ goalId }) => goalId),
  steps.map(({ value }) => value),
  steps.map(({ progress }) => progress),
];

function only(rows: readonly Goal[]): Goal {
  if (!rows[0]) throw new Error("A goal changed under the lock of its profile.");
  return rows[0];
}
