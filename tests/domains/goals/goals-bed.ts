import type { Metrics } from "../../../src/domains/analyses/index.ts";
import { METRICS, analysisFinished } from "../../../src/domains/analyses/index.ts";
import type { TestClient } from "../../support/client.ts";
import type { World } from "../../support/world.ts";
import { openAccount } from "../identity/persons-bed.ts";

export const CREATE_GOAL = /* GraphQL */ `
  mutation CreateGoal($input: CreateGoalInput!) {
    createGoal(input: $input) {
      goal {
        id
        status
        progress
        version
        milestones {
          percentage
          title
          reachedAt
        }
      }
      problems {
        code
        path
      }
    }
  }
`;

export const LOG_PROGRESS = /* GraphQL */ `
  mutation LogGoalProgress($input: LogGoalProgressInput!) {
    logGoalProgress(input: $input) {
      goal {
        id
        status
        progress
        currentValue
      }
      problems {
        code
        path
      }
    }
  }
`;

export const GOAL = /* GraphQL */ `
  query Goal($id: ID!) {
    goal(id: $id) {
      id
      title
      status
      progress
      currentValue
      target
      deadline
      endedAt
      milestones {
        percentage
        reachedAt
      }
      history(first: 50) {
        nodes {
          value
          progress
          note
          analysis {
            id
          }
        }
      }
    }
  }
`;

export const ACHIEVEMENTS = /* GraphQL */ `
  query Achievements {
    viewer {
      achievements {
        name
        title
        rewardPoints
        target
        count
        progress
        isUnlocked
        unlockedAt
      }
    }
  }
`;

/** Somebody with an address that was verified; a new `person` of the world is a guest. */
export const registered = (world: World): Promise<TestClient> =>
  openAccount(world, `${crypto.randomUUID()}@facet.test`);

const DAY_MS = 86_400_000;

/** A day from today on, YYYY-MM-DD. */
export const inDays = (days: number): string =>
  new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** What makes a goal, from 40 to 60 unless told. */
export const wish = (change: Record<string, unknown> = {}) => ({
  title: "Drink more water",
  targetMetric: "HYDRATION",
  baseline: 40,
  target: 60,
  deadline: inDays(30),
  ...change,
});

/** A goal that must be accepted; its id. */
export async function makeGoal(
  person: TestClient,
  change: Record<string, unknown> = {},
): Promise<string> {
  const { createGoal } = await person.must(CREATE_GOAL, { input: wish(change) });
  if (createGoal.problems.length > 0) throw new Error(JSON.stringify(createGoal.problems));
  return createGoal.goal.id as string;
}

export const goalOf = async (person: TestClient, id: string): Promise<any> =>
  (await person.must(GOAL, { id })).goal;

export const log = async (person: TestClient, input: Record<string, unknown>): Promise<any> =>
  (await person.must(LOG_PROGRESS, { input })).logGoalProgress;

/** A reading with some metrics; the others were not measured. */
export const measured = (some: Partial<Metrics>): Metrics =>
  ({ ...Object.fromEntries(METRICS.map((metric) => [metric, null])), ...some }) as Metrics;

/** Tells, as an analysis does when its job ends, what was measured. */
export async function finishAnalysis(
  world: World,
  userId: string,
  metrics: Metrics,
  node = 0,
): Promise<string> {
  const { parts, stores } = world.nodes[node % world.nodes.length]!;
  const analysisId = stores.ids.next("ana");
  await parts.unitOfWork.run((tx) =>
    parts.events.emit(tx, analysisFinished, { userId, analysisId, metrics }),
  );
  return analysisId;
}

export const achievementsOf = async (person: TestClient): Promise<any[]> =>
  (await person.must(ACHIEVEMENTS)).viewer.achievements;

/** What the ledger says was given for achievements. */
export const rewardsOf = (world: World, userId: string) =>
  world.nodes[0]!.stores.database.query<{ name: string; delta: number }>(
    `select reference_id as name, delta::int as delta from ledger_entries
     where user_id = $1 and reference_type = 'achievement' and kind = 'REWARD' order by 1`,
    [userId],
  );

/** What a person was told of a kind. */
export const newsOf = (world: World, userId: string, kind: string) =>
  world.nodes[0]!.stores.database.query<{ key: string; facts: any }>(
    `select dedupe_key as key, facts from notifications where user_id = $1 and kind = $2 order by id`,
    [userId, kind],
  );
