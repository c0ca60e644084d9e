import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
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

test("the other devices learn of a favourite, once for each change", async () => {
  const person = await rich(world);
  const { hairTryOn } = await create(world, person, { views: ["FRONT"] });
  const { id } = hairTryOn;
  const { version } = (await watched(person, id)).at(-1);
  const mark = async (isFavourite: boolean) => {
    const { setHairTryOnFavourite } = await person.must(
      "mutation($input: SetHairTryOnFavouriteInput!) { setHairTryOnFavourite(input: $input) { hairTryOn { version isFavourite } } }",
      { input: { id, isFavourite } },
    );
    return setHairTryOnFavourite.hairTryOn;
  };
  expect(await mark(false)).toEqual({ isFavourite: false, version });
  const device = person.watch(
    "subscription { viewerEvents(after: 0) { ... on JobEvent { job { id version ... on HairTryOn { isFavourite } } } } }",
  );
  const told = async (atLeast: number) => {
    for (;;) {
      const job = (await device.next()).value.data.viewerEvents.job;
      if (job?.id === id && job.version >= atLeast) return job;
    }
  };
  expect(await told(version)).toMatchObject({ version, isFavourite: false });
  const marked = { version: version + 1, isFavourite: true };
  expect(await mark(true)).toEqual(marked);
  expect(await mark(true)).toEqual(marked);
  expect(await told(version + 1)).toMatchObject(marked);
  expect(await mark(false)).toEqual({ version: version + 2, isFavourite: false });
  await device.return?.();
  const lines = await world.nodes[0]!.stores.database.query(
    "select version from feed_events where ref_id = $1 and topic = 'JOB' and version > $2 order by seq",
    [id, version],
  );
  expect(lines).toEqual([{ version: version + 1 }, { version: version + 2 }]);
});
