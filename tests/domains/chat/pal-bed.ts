import { METRICS } from "../../../src/domains/analyses/index.ts";
import type { TestClient } from "../../support/client.ts";
import type { World } from "../../support/world.ts";
import { OPERATION } from "./chat-bed.ts";

/** Makes a room with Pal and returns its id. */
export async function palRoom(
  person: TestClient,
  name: string | null = "my skin",
): Promise<string> {
  const input = { name, assistant: "PAL" };
  const { createChatroom } = await person.must(OPERATION.create, { input });
  return createChatroom.chatroom.id as string;
}

/** Stores a finished analysis of a person, as its pipeline leaves it. */
export async function analysed(
  world: World,
  person: TestClient,
  metrics: Readonly<Record<string, number>>,
  advice = "Drink water.",
): Promise<string> {
  const { database, ids, mongo } = world.nodes[0]!.stores;
  const id = ids.next("ana");
  await database.query(
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'SKIN_ANALYSIS', 'SUCCEEDED', '{}', 0, now())`,
    [id, person.userId],
  );
  await mongo.db.collection<{ _id: string }>("skin_analyses").insertOne({
    _id: id,
    ...{
      userId: person.userId,
      documentVersion: 1,
      createdAt: new Date(),
      selfieKey: `selfies/${id}.jpg`,
      reading: {
        metrics: { ...Object.fromEntries(METRICS.map((name) => [name, null])), ...metrics },
        skinType: { type: "DRY", confidence: 0.9 },
        concerns: [
          { concern: "DRYNESS", severity: "MODERATE", confidence: 0.8, affectedAreas: ["CHEEKS"] },
        ],
      },
      feedback: {
        summary: "Rather dry.",
        improvements: [],
        actions: [advice],
        recommendedIngredients: ["Glycerin"],
        ingredientsToAvoid: ["Menthol"],
      },
      warnings: [],
    },
  });
  return id;
}

/** How often a limit was used today. */
export async function usedOf(person: TestClient, limit: string): Promise<number> {
  const { viewer } = await person.must("{ viewer { usage { name used } } }");
  return viewer.usage.find(({ name }: any) => name === limit).used as number;
}
