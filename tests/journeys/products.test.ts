import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { lastValueFrom, tap } from "rxjs";
import {
  CreateChatroomDocument,
  CreateEmojiTaskDocument,
  CreateHairTryOnDocument,
  CreateUploadDocument,
  GenerateGoalsDocument,
  HairstylesDocument,
  RecommendRoutineDocument,
  SendMessageDocument,
  WalletsDocument,
  WatchEmojiTaskDocument,
  WatchGoalPlanDocument,
  WatchHairTryOnDocument,
  WatchJobDocument,
  WatchReplyDocument,
  WatchRoutinePlanDocument,
} from "../../src/client/generated/graphql.ts";
import { ReplyText, uploadPicture, type FacetClient } from "../../src/client/index.ts";
import { seedHairstyles } from "../../src/domains/tryon/index.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { createWorld, portrait, type World } from "../support/world.ts";
import { fillShop, openApp, startAnalysis } from "./app-user.ts";

let world: World;
let app: FacetClient;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, env: { TRUSTED_DOCUMENTS: "true" } });
  await fillShop(world);
  const { parts, stores, providers } = world.nodes[0]!;
  const log = createLogger("silent");
  await seedHairstyles({ ...stores, uow: parts.unitOfWork, blobs: providers.blobs, log });
  app = await openApp(world.url);
}, 60_000);
afterAll(async () => {
  app.stop();
  await world.stop();
});

async function upload(purpose: "EMOJI_SOURCE" | "TRY_ON_SOURCE"): Promise<string> {
  const bytes = portrait();
  const { data } = await app.apollo.mutate({
    mutation: CreateUploadDocument,
    variables: { input: { purpose, contentType: "image/png", byteSize: bytes.byteLength } },
  });
  const ticket = data?.createUpload.upload;
  if (!ticket) throw new Error(JSON.stringify(data?.createUpload.problems));
  await uploadPicture({ ticket, bytes: new Uint8Array(bytes) });
  return ticket.id;
}

/** What was bought elsewhere. */
async function own(currency: "POINTS" | "CREDITS", amount: number): Promise<void> {
  const { unitOfWork, wallet } = world.nodes[0]!.parts;
  const { data } = await app.apollo.query({ query: WalletsDocument });
  const userId = data?.viewer?.id ?? "";
  const reference = { type: "TEST", id: userId };
  const key = `test:${currency}:${userId}`;
  await unitOfWork.run((tx) =>
    wallet.wallets.credit(tx, { userId, currency, amount, kind: "PURCHASE", reference, key }),
  );
}

async function available(currency: "POINTS" | "CREDITS"): Promise<number | undefined> {
  const { data } = await app.apollo.query({ query: WalletsDocument, fetchPolicy: "network-only" });
  return data?.viewer?.wallets.find((wallet) => wallet.currency === currency)?.available;
}

test("points become a moving sticker", async () => {
  await own("POINTS", 30);
  const { data } = await app.apollo.mutate({
    mutation: CreateEmojiTaskDocument,
    variables: {
      input: { uploadId: await upload("EMOJI_SOURCE"), templateId: "emt_moved" },
    },
  });
  const task = data?.createEmojiTask.emojiTask;
  expect(data?.createEmojiTask.problems).toEqual([]);
  const stages = new Set<string | null>();
  const last = await lastValueFrom(
    app.apollo
      .subscribe({ query: WatchEmojiTaskDocument, variables: { id: task?.id ?? "" } })
      .pipe(tap(({ data: frame }) => void stages.add(frame?.jobChanged.job?.stage ?? null))),
  );
  const job = last.data?.jobChanged.job;
  if (job?.__typename !== "EmojiTask") throw new Error("It is not an emoji task.");
  expect(job).toMatchObject({ status: "SUCCEEDED", sticker: { contentType: "image/webp" } });
  expect(stages.size).toBeGreaterThan(1);
  expect((await fetch(job.sticker?.url ?? "")).status).toBe(200);
  expect(await available("POINTS")).toBe(20);
});

test("credits become views of a hairstyle, each as it comes", async () => {
  await own("CREDITS", 3);
  const styles = await app.apollo.query({ query: HairstylesDocument });
  const hairstyleId = styles.data?.hairstyles.nodes[0]?.id ?? "";
  const { data } = await app.apollo.mutate({
    mutation: CreateHairTryOnDocument,
    variables: {
      input: { uploadId: await upload("TRY_ON_SOURCE"), hairstyleId, views: ["FRONT", "LEFT"] },
    },
  });
  const tryOn = data?.createHairTryOn.hairTryOn;
  expect(tryOn).toMatchObject({ status: "QUEUED", creditsHeld: 2 });
  const last = await lastValueFrom(
    app.apollo.subscribe({ query: WatchHairTryOnDocument, variables: { id: tryOn?.id ?? "" } }),
  );
  const job = last.data?.jobChanged.job;
  if (job?.__typename !== "HairTryOn") throw new Error("It is not a try-on.");
  expect(job).toMatchObject({ status: "SUCCEEDED", creditsSpent: 2, preview: true });
  for (const { imageUrl } of job.views) expect((await fetch(imageUrl ?? "")).status).toBe(200);
  expect(await available("CREDITS")).toBe(1);
});

test("a question is answered word by word", async () => {
  const room = await app.apollo.mutate({
    mutation: CreateChatroomDocument,
    variables: { input: { name: "Journey", assistant: "GENERAL" } },
  });
  const { data } = await app.apollo.mutate({
    mutation: SendMessageDocument,
    variables: {
      input: {
        chatroomId: room.data?.createChatroom.chatroom?.id ?? "",
        content: "Hello, how are you?",
      },
    },
  });
  const reply = data?.sendMessage.reply;
  const text = new ReplyText();
  const last = await lastValueFrom(
    app.apollo.subscribe({ query: WatchReplyDocument, variables: { id: reply?.id ?? "" } }).pipe(
      tap(({ data: frame }) => {
        if (frame) text.add(frame.chatReplyStreamed);
      }),
    ),
  );
  expect(last.data?.chatReplyStreamed.reply?.status).toBe("SUCCEEDED");
  expect(text.text.length).toBeGreaterThan(20);
});

test("an analysis becomes goals and a routine", async () => {
  const { id: analysisId } = await startAnalysis(app, portrait());
  await lastValueFrom(
    app.apollo.subscribe({ query: WatchJobDocument, variables: { id: analysisId } }),
  );
  const goals = await app.apollo.mutate({
    mutation: GenerateGoalsDocument,
    variables: { input: { analysisId } },
  });
  const planned = await lastValueFrom(
    app.apollo.subscribe({
      query: WatchGoalPlanDocument,
      variables: { id: goals.data?.generateGoals.goalPlan?.id ?? "" },
    }),
  );
  const plan = planned.data?.jobChanged.job;
  if (plan?.__typename !== "GoalPlan") throw new Error("It is not a plan of goals.");
  expect(plan.status).toBe("SUCCEEDED");
  expect(plan.goals.length).toBeGreaterThan(0);

  const routine = await app.apollo.mutate({
    mutation: RecommendRoutineDocument,
    variables: { input: { analysisId } },
  });
  const worded = await lastValueFrom(
    app.apollo.subscribe({
      query: WatchRoutinePlanDocument,
      variables: { id: routine.data?.recommendRoutine.routinePlan?.id ?? "" },
    }),
  );
  expect(worded.data?.jobChanged.job).toMatchObject({
    __typename: "RoutinePlan",
    status: "SUCCEEDED",
  });
});
