import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { startStubs, STICKER_FILM, STUB_DASHSCOPE, type Stubs } from "../../support/stubs/index.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";

const PRICE = 10;
let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  world = await createWorld({
    env: {
      DASHSCOPE_MODE: "live",
      DASHSCOPE_BASE_URL: `${stubs.url}/dashscope/api/v1`,
      DASHSCOPE_API_KEY: STUB_DASHSCOPE.apiKey,
      DASHSCOPE_POLL_MS: "20",
    },
  });
}, 60_000);
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

const CREATE = /* GraphQL */ `
  mutation ($input: CreateEmojiTaskInput!) {
    createEmojiTask(input: $input) {
      emojiTask {
        id
        status
        pointsSpent
      }
      problems {
        code
        path
      }
    }
  }
`;
const TASK = /* GraphQL */ `
  query ($id: ID!) {
    emojiTask(id: $id) {
      status
      template {
        id
        title
      }
      sticker {
        url
        posterUrl
        contentType
        width
        durationMs
      }
    }
    viewer {
      wallets {
        currency
        balance
      }
    }
  }
`;
const DELETE = /* GraphQL */ `
  mutation ($input: DeleteEmojiTaskInput!) {
    deleteEmojiTask(input: $input) {
      deletedId
      problems {
        code
      }
    }
  }
`;

/** A person with points. */
async function rich(points = PRICE * 3): Promise<TestClient> {
  const person = await world.person();
  const [worker] = world.workers;
  const { unitOfWork, wallet } = worker!.parts;
  await unitOfWork.run((tx) =>
    wallet.wallets.credit(tx, {
      userId: person.userId,
      currency: "POINTS",
      amount: points,
      kind: "REWARD",
      reference: { type: "TEST", id: person.userId },
      key: `test:${person.userId}`,
    }),
  );
  return person;
}

const upload = (person: TestClient) =>
  world.upload(person, portrait(), "image/png", "EMOJI_SOURCE");

async function create(person: TestClient, input: Record<string, unknown> = {}): Promise<any> {
  const uploadId = input["uploadId"] ?? (await upload(person));
  const all = { uploadId, templateId: "emt_happy", ...input };
  return (await person.must(CREATE, { input: all })).createEmojiTask;
}

const pointsOf = async (person: TestClient, id = "emj_0000000000000"): Promise<number> => {
  const { viewer } = await person.must(TASK, { id });
  return viewer.wallets.find((wallet: any) => wallet.currency === "POINTS").balance;
};

test("a picture becomes a sticker that is paid once", async () => {
  stubs.reset();
  const person = await rich();
  const { emojiTask } = await create(person);
  expect(emojiTask).toMatchObject({ status: "QUEUED", pointsSpent: PRICE });
  const seen = await watchToEnd(person, emojiTask.id);
  expect(seen.at(-1)).toMatchObject({ __typename: "EmojiTask", status: "SUCCEEDED" });
  const stages = [...new Set(seen.map(({ stage }) => stage))].filter(Boolean);
  expect(["VALIDATING", "DETECTING", "GENERATING", "STORING"]).toEqual(
    expect.arrayContaining(stages),
  );
  const { emojiTask: done } = await person.must(TASK, { id: emojiTask.id });
  expect(done.template).toEqual({ id: "emt_happy", title: "Jump for joy" });
  expect(done.sticker).toMatchObject({ contentType: "video/mp4", width: 512, durationMs: 2_000 });
  const file = await fetch(done.sticker.url);
  expect(Buffer.from(await file.arrayBuffer())).toEqual(STICKER_FILM);
  const poster = await (await fetch(done.sticker.posterUrl)).arrayBuffer();
  expect((await sharp(poster).metadata()).format).toBe("webp");
  expect(await pointsOf(person)).toBe(PRICE * 2);
});

test("a task has a day to wait for its turn", async () => {
  stubs.reset();
  const person = await rich();
  const { emojiTask } = await create(person);
  await watchToEnd(person, emojiTask.id);
  const { jobRepository } = world.workers[0]!.parts;
  const { startedAt, deadlineAt } = (await jobRepository.byIds([emojiTask.id]))[0]!;
  expect(deadlineAt!.getTime() - startedAt!.getTime()).toBe(24 * 60 * 60_000);
});

test("without enough points nothing is taken, the upload included", async () => {
  const person = await rich(PRICE - 1);
  const uploadId = await upload(person);
  const { emojiTask, problems } = await create(person, { uploadId });
  expect(emojiTask).toBeNull();
  expect(problems).toMatchObject([{ code: "INSUFFICIENT_POINTS" }]);
  expect(await pointsOf(person)).toBe(PRICE - 1);
  const again = await create(person, { uploadId });
  expect(again.problems).toMatchObject([{ code: "INSUFFICIENT_POINTS" }]);
});

test.each([
  ["a template that is not there", { templateId: "emt_nothing" }, "TEMPLATE_NOT_FOUND"],
  ["an upload that is not there", { uploadId: "upl_0000000000000" }, "UPLOAD_NOT_FOUND"],
])("%s is refused before anything is taken", async (_what, input, code) => {
  const person = await rich();
  const { problems } = await create(person, input);
  expect(problems).toMatchObject([{ code }]);
  expect(await pointsOf(person)).toBe(PRICE * 3);
});

test("one key, twenty calls at once: one task, one charge", async () => {
  stubs.reset();
  const person = await rich();
  const uploadId = await upload(person);
  const input = { uploadId, idempotencyKey: "once" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(person, input)));
  expect(new Set(answers.map(({ emojiTask }) => emojiTask?.id)).size).toBe(1);
  await watchToEnd(person, answers[0].emojiTask.id);
  expect(await pointsOf(person)).toBe(PRICE * 2);
});

test("a picture without a face fails; the points stay spent, as the terms say", async () => {
  stubs.reset();
  stubs.script("dashscope", {
    match: "/face-detect",
    body: { output: { code: "InvalidFile.NoHuman", message: "" } },
  });
  const person = await rich();
  const { emojiTask } = await create(person);
  expect((await watchToEnd(person, emojiTask.id)).at(-1)).toMatchObject({
    status: "FAILED",
    failure: { code: "NO_FACE", canRetry: false },
  });
  expect(await pointsOf(person)).toBe(PRICE * 2);
});

test("where nobody knows whether the provider did the work, the points come back", async () => {
  stubs.reset();
  stubs.script("dashscope", { match: "/video-synthesis", cut: "after" });
  const person = await rich();
  const { emojiTask } = await create(person);
  expect((await watchToEnd(person, emojiTask.id)).at(-1)).toMatchObject({
    status: "FAILED",
    failure: { code: "PROVIDER_ANSWER_LOST" },
  });
  expect(await pointsOf(person)).toBe(PRICE * 3);
  expect(
    stubs.requests("dashscope").filter(({ path }) => path.includes("/video-synthesis")),
  ).toHaveLength(1);
});

test("a task is its owner's, until it is deleted with its files", async () => {
  stubs.reset();
  const person = await rich();
  const other = await world.person();
  const { emojiTask } = await create(person);
  await watchToEnd(person, emojiTask.id);
  const { sticker } = (await person.must(TASK, { id: emojiTask.id })).emojiTask;
  expect((await other.must(TASK, { id: emojiTask.id })).emojiTask).toBeNull();
  const foreign = await other.send(DELETE, { input: { id: emojiTask.id } });
  expect(foreign.errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
  const { deleteEmojiTask } = await person.must(DELETE, { input: { id: emojiTask.id } });
  expect(deleteEmojiTask).toEqual({ deletedId: emojiTask.id, problems: [] });
  expect((await person.must(TASK, { id: emojiTask.id })).emojiTask).toBeNull();
  expect((await fetch(sticker.url)).status).toBe(404);
});
