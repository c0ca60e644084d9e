import type { TestClient } from "../../support/client.ts";
import { startStubs, type Stubs } from "../../support/stubs/index.ts";
import { createWorld, type World } from "../../support/world.ts";

/** A shop that asks a stub of OpenAI for the words of its routines. */
export async function routineWorld(): Promise<{
  world: World;
  stubs: Stubs;
  stop(): Promise<void>;
}> {
  const stubs = await startStubs();
  const world = await createWorld({
    nodes: 1,
    env: {
      OPENAI_MODE: "live",
      OPENAI_BASE_URL: `${stubs.url}/openai/v1`,
      OPENAI_API_KEY: "sk-test",
    },
  });
  await world.openShop();
  return {
    world,
    stubs,
    stop: async () => {
      await world.stop();
      await stubs.close();
    },
  };
}

export const RECOMMEND = /* GraphQL */ `
  mutation ($input: RecommendRoutineInput!) {
    recommendRoutine(input: $input) {
      routinePlan {
        id
        status
      }
      problems {
        code
        path
        ... on QuotaExceeded {
          limitName
          limit
          used
          resetsAt
          upgradePlan
        }
      }
    }
  }
`;

/** A person's plans. */
export const LIST = /* GraphQL */ `
  query ($first: Int) {
    viewer {
      routinePlans(first: $first) {
        nodes {
          id
          analysis {
            id
          }
          routine {
            total {
              amount
            }
            morning {
              gap
              product {
                name
              }
            }
          }
        }
      }
    }
  }
`;

/** An analysis as it looks when it has ended. */
export async function analysisOf(
  world: World,
  person: TestClient,
  {
    status = "SUCCEEDED",
    metrics = {},
  }: { status?: string; metrics?: Readonly<Record<string, number>> } = {},
): Promise<string> {
  const { database, ids, mongo } = world.nodes[0]!.stores;
  const id = ids.next("ana");
  const input = {
    uploadId: "upl_0000000000000",
    focus: "GENERAL",
    concerns: ["DARK_CIRCLES"],
    notes: null,
    language: "EN",
    quota: { limit: "SKIN_ANALYSES", periodStart: "2026-01-01" },
  };
  await database.query(
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'SKIN_ANALYSIS', $3, $4, 0, now())`,
    [id, person.userId, status, JSON.stringify(input)],
  );
  await mongo.db.collection<any>("skin_analyses").insertOne({
    _id: id,
    userId: person.userId,
    reading: {
      metrics,
      skinType: { type: "OILY", confidence: 0.8 },
      concerns: [{ concern: "ACNE", severity: "SEVERE", confidence: 0.9, affectedAreas: [] }],
    },
    feedback: { ingredientsToAvoid: ["Parfum"] },
    warnings: [],
  });
  return id;
}

export const recommend = async (person: TestClient, input: Record<string, unknown>) =>
  (await person.must(RECOMMEND, { input })).recommendRoutine;
