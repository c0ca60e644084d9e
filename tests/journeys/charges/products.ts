import sharp from "sharp";
import type { TestClient } from "../../support/client.ts";
import { portrait, type World } from "../../support/world.ts";
import { newRoom, say, wish } from "../../domains/chat/chat-bed.ts";
import { palRoom } from "../../domains/chat/pal-bed.ts";
import { analysisOf } from "../../domains/routines/routines-bed.ts";
import { openSalon, someStyle } from "../../domains/tryon/try-on-bed.ts";
import type { Product } from "./charge-bed.ts";

let picture: Promise<Uint8Array> | null = null;
/** Nobody looks for a face in it: the providers are stubs. */
async function upload(world: World, person: TestClient, purpose: string): Promise<string> {
  picture ??= sharp(portrait()).resize(512).jpeg().toBuffer();
  return world.upload(person, await picture, "image/jpeg", purpose);
}

async function begin(
  person: TestClient,
  [mutation, job]: readonly [string, string],
  input: Record<string, unknown>,
): Promise<string> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  const answer = await person.must(
    `mutation($input: ${type}!) { ${mutation}(input: $input) { ${job} { id } problems { code } } }`,
    { input },
  );
  const { problems } = answer[mutation];
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return answer[mutation][job].id as string;
}

export const EMOJI: Product<undefined> = {
  provider: "dashscope",
  unit: "POINTS",
  start: async (world, person) =>
    begin(person, ["createEmojiTask", "emojiTask"], {
      uploadId: await upload(world, person, "EMOJI_SOURCE"),
      templateId: "emt_happy",
    }),
};

export const ANALYSIS: Product<undefined> = {
  provider: "orbo",
  unit: "SKIN_ANALYSES",
  start: async (world, person) =>
    begin(person, ["analyzeSkin", "skinAnalysis"], {
      uploadId: await upload(world, person, "SELFIE"),
    }),
};

const salons = new WeakSet<World>();
/** Each view costs a credit; two of them unless told. */
export const TRY_ON: Product<readonly string[]> = {
  provider: "replicate",
  unit: "CREDITS",
  start: async (world, person, views = ["FRONT", "BACK"]) => {
    if (!salons.has(world)) await openSalon(world);
    salons.add(world);
    return begin(person, ["createHairTryOn", "hairTryOn"], {
      uploadId: await upload(world, person, "TRY_ON_SOURCE"),
      hairstyleId: await someStyle(person),
      views,
    });
  },
};

let messages = 0;
/** @param facts What the stub is to say: see tests/support/stubs/spoken.ts. */
async function ask(
  person: TestClient,
  room: string,
  facts: object = { words: 3 },
): Promise<string> {
  const { reply } = await say(person, room, wish(`m${(messages += 1)}`, facts));
  return reply.id as string;
}

export const CHAT: Product<object> = {
  provider: "gemini",
  unit: "CHAT_MESSAGES",
  start: async (_world, person, facts) => ask(person, await newRoom(person), facts),
};

export const PAL: Product<object> = {
  provider: "openai",
  unit: "PAL_QUESTIONS",
  start: async (_world, person, facts) => ask(person, await palRoom(person), facts),
};

/** A plan made of an analysis, which may be gone when its turn comes. */
const carePlan = (names: readonly [string, string]): Product<{ analysisIsGone: boolean }> => ({
  provider: "openai",
  unit: "CARE_PLANS",
  start: async (world, person, order) => {
    const analysisId = await analysisOf(world, person, { metrics: { redness: 50 } });
    const id = await begin(person, names, { analysisId });
    if (order?.analysisIsGone) {
      const analyses = world.nodes[0]!.stores.mongo.db.collection<{ _id: string }>("skin_analyses");
      await analyses.deleteOne({ _id: analysisId });
    }
    return id;
  },
});

export const GOAL_PLAN = carePlan(["generateGoals", "goalPlan"]);
export const ROUTINE_PLAN = carePlan(["recommendRoutine", "routinePlan"]);
