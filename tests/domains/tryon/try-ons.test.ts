import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import {
  create,
  creditsOf,
  openSalon,
  replicateEnv,
  rich,
  tryOn,
  uploadFor,
  watched,
} from "./try-on-bed.ts";

const ALL = ["FRONT", "RIGHT", "LEFT", "BACK"];
let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  world = await createWorld({ env: replicateEnv(stubs) });
  await openSalon(world);
}, 60_000);
beforeEach(() => {
  stubs.reset();
  stubs.replicate.forget();
});
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

const succeeded = (state: any): string[] =>
  state.views.filter((one: any) => one.status === "SUCCEEDED").map((one: any) => one.view);

test("four views are pushed one by one as they come, and paid together", async () => {
  for (const view of ALL) stubs.replicate.outcome(view, { status: "processing" });
  const person = await rich(world);
  const { hairTryOn, problems } = await create(world, person, { views: ALL });
  expect(problems).toEqual([]);
  expect(hairTryOn).toMatchObject({ status: "QUEUED", creditsHeld: 4, creditsSpent: 0 });
  expect(hairTryOn.views).toEqual(ALL.map((view) => ({ view, status: "PENDING" })));
  expect(await creditsOf(person)).toEqual({ balance: 10, held: 4 });
  const watching = watched(person, hairTryOn.id);
  const inOrder = ["LEFT", "BACK", "FRONT", "RIGHT"];
  for (const [index, view] of inOrder.entries()) {
    stubs.replicate.outcome(view, { status: "succeeded" });
    await until(async () => succeeded(await tryOn(person, hairTryOn.id)).length > index);
  }
  const seen = await watching;
  const counts = [...new Set(seen.map((state) => succeeded(state).length))];
  expect(counts).toEqual([0, 1, 2, 3, 4]);
  expect(seen.find((state) => succeeded(state).length === 1).views).toContainEqual({
    view: "LEFT",
    status: "SUCCEEDED",
  });
  const versions = seen.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(seen.at(-1)).toMatchObject({ status: "SUCCEEDED", creditsHeld: 0, creditsSpent: 4 });
  expect(await creditsOf(person)).toEqual({ balance: 6, held: 0 });
  const done = await tryOn(person, hairTryOn.id);
  expect(done).toMatchObject({ preview: false, isFavourite: false, failure: null });
  for (const { imageUrl } of [...done.views, done]) {
    const file = await fetch(imageUrl);
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  }
});

describe("however it ends, as many credits are spent as views were delivered", () => {
  const failed = { status: "failed", error: "flagged as sensitive (E005)" };
  const cases: [string, Record<string, object>, object, number][] = [
    ["both come", {}, { status: "SUCCEEDED", failure: null }, 2],
    ["one is refused", { BACK: failed }, { status: "SUCCEEDED", failure: null }, 1],
    [
      "both are refused",
      { FRONT: failed, BACK: failed },
      { status: "FAILED", failure: { code: "CONTENT_REFUSED" } },
      0,
    ],
    [
      "the model breaks down",
      { FRONT: { status: "failed", error: "?" }, BACK: { status: "canceled" } },
      { status: "FAILED", failure: { code: "PROVIDER_UNAVAILABLE" } },
      0,
    ],
  ];
  test.each(cases)("%s", async (_how, outcomes, expected, spent) => {
    for (const [view, outcome] of Object.entries(outcomes)) {
      stubs.replicate.outcome(view, outcome as { status: string });
    }
    const person = await rich(world);
    const { hairTryOn } = await create(world, person);
    const end = (await watched(person, hairTryOn.id)).at(-1);
    expect(end).toMatchObject({ ...expected, creditsHeld: 0, creditsSpent: spent });
    expect(await creditsOf(person)).toEqual({ balance: 10 - spent, held: 0 });
  });

  test("the account of the provider is empty: nothing was created, nothing is paid", async () => {
    stubs.script("replicate", { match: "POST /v1/models", status: 402, times: 2 });
    const person = await rich(world);
    const { hairTryOn } = await create(world, person);
    expect((await watched(person, hairTryOn.id)).at(-1)).toMatchObject({
      status: "FAILED",
      failure: { code: "PROVIDER_MISCONFIGURED" },
      creditsSpent: 0,
    });
    expect(await creditsOf(person)).toEqual({ balance: 10, held: 0 });
  });

  test("a view that the provider is too busy for is tried again beside the one that is there", async () => {
    stubs.script("replicate", { match: "POST /v1/models", status: 429 });
    const person = await rich(world);
    const { hairTryOn } = await create(world, person);
    expect((await watched(person, hairTryOn.id)).at(-1)).toMatchObject({
      status: "SUCCEEDED",
      creditsSpent: 2,
    });
    expect(stubs.replicate.predictions()).toHaveLength(2);
  });

  test("canceled while it waits for both", async () => {
    for (const view of ["FRONT", "BACK"]) stubs.replicate.outcome(view, { status: "processing" });
    const person = await rich(world);
    const { hairTryOn } = await create(world, person);
    await until(() => stubs.replicate.predictions().length === 2);
    await cancel(person, hairTryOn.id);
    const end = (await watched(person, hairTryOn.id)).at(-1);
    expect(end).toMatchObject({ status: "CANCELED", creditsHeld: 0, creditsSpent: 0 });
    expect(end.views.map(({ status }: any) => status)).toEqual(["FAILED", "FAILED"]);
    expect(await creditsOf(person)).toEqual({ balance: 10, held: 0 });
    await until(() => stubs.replicate.predictions().every(({ status }) => status === "canceled"));
  });

  test("canceled after one of two: that one stays and is paid", async () => {
    stubs.replicate.outcome("BACK", { status: "processing" });
    const person = await rich(world);
    const { hairTryOn } = await create(world, person);
    await until(async () => succeeded(await tryOn(person, hairTryOn.id)).length === 1);
    await cancel(person, hairTryOn.id);
    expect((await watched(person, hairTryOn.id)).at(-1)).toMatchObject({
      status: "CANCELED",
      creditsSpent: 1,
    });
    expect(await creditsOf(person)).toEqual({ balance: 9, held: 0 });
    const { views } = await tryOn(person, hairTryOn.id);
    expect((await fetch(views[0].imageUrl)).status).toBe(200);
    expect(views[1].failure).toEqual({ code: "CANCELED", canRetry: true });
  });
});

const cancel = (person: any, id: string) =>
  person.must("mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { id } } }", {
    input: { id },
  });

test("a failed try-on is done again with the same picture and a hold of its own", async () => {
  const failed = { status: "failed", error: "?" };
  for (const view of ["FRONT", "BACK"]) stubs.replicate.outcome(view, failed);
  const person = await rich(world);
  const { hairTryOn } = await create(world, person);
  await watched(person, hairTryOn.id);
  stubs.replicate.forget();
  const { retryJob } = await person.must(
    "mutation($input: RetryJobInput!) { retryJob(input: $input) { job { id ... on HairTryOn { retryOf { id } } } } }",
    { input: { id: hairTryOn.id } },
  );
  expect(retryJob.job.retryOf.id).toBe(hairTryOn.id);
  expect((await watched(person, retryJob.job.id)).at(-1)).toMatchObject({ creditsSpent: 2 });
  expect(await creditsOf(person)).toEqual({ balance: 8, held: 0 });
});

test("one key, twenty calls at once: one try-on, one hold", async () => {
  const person = await rich(world);
  const input = { uploadId: await uploadFor(world, person), idempotencyKey: "once" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(world, person, input)));
  expect(new Set(answers.map(({ hairTryOn }) => hairTryOn?.id)).size).toBe(1);
  await watched(person, answers[0].hairTryOn.id);
  expect(await creditsOf(person)).toEqual({ balance: 8, held: 0 });
  expect(stubs.replicate.predictions()).toHaveLength(2);
});
