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
  succeeded,
  tryOn,
  watched,
} from "./try-on-bed.ts";

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

const WHEN = "query ($id: ID!) { node(id: $id) { ... on Job { createdAt queuedAt } } }";
const cancel = (person: any, id: string) =>
  person.must("mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { id } } }", {
    input: { id },
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
    const told = { message: "This is not available at the moment.", canRetry: false };
    const { hairTryOn: shown } = await person.must(
      `query ($id: ID!) { hairTryOn(id: $id) {
         failure { message canRetry } views { failure { message canRetry } } } }`,
      { id: hairTryOn.id },
    );
    expect(shown).toEqual({ failure: told, views: [{ failure: told }, { failure: told }] });
  });

  test("a view that the provider is too busy for is tried again beside the one that is there", async () => {
    stubs.script("replicate", { match: "POST /v1/models", status: 429 });
    const person = await rich(world);
    const { hairTryOn } = await create(world, person);
    const { node } = await person.must(WHEN, { id: hairTryOn.id });
    expect((await watched(person, hairTryOn.id)).at(-1)).toMatchObject({
      status: "SUCCEEDED",
      creditsSpent: 2,
    });
    expect(stubs.replicate.predictions()).toHaveLength(2);
    expect(await person.must(WHEN, { id: hairTryOn.id })).toEqual({
      node: { createdAt: node.createdAt, queuedAt: node.createdAt },
    });
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
