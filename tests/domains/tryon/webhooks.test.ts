import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { replicateDelivery, startStubs, viewOf, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { create, creditsOf, openSalon, replicateEnv, rich, watched } from "./try-on-bed.ts";

let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  // Nobody asks by himself before the test is long over.
  world = await createWorld({ nodes: 1, env: replicateEnv(stubs, 60_000) });
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

const post = (delivery: { body: string; headers: Record<string, string> }) =>
  fetch(`${world.url}/webhooks/replicate`, { method: "POST", ...delivery });
const asked = () =>
  stubs.requests("replicate").filter(({ method, path }) => method === "GET" && /prd/.test(path));
const eventsOf = (subject: string) =>
  world.nodes[0]!.stores.database.query<{ type: string; status: string }>(
    "select type, status from webhook_events where subject = $1 order by id",
    [subject],
  );

test("a webhook wakes the job that waits, in whatever process that is", async () => {
  const person = await rich(world);
  const { hairTryOn } = await create(world, person);
  const watching = watched(person, hairTryOn.id);
  await until(() => stubs.replicate.predictions().length === 2);
  const [one, two] = stubs.replicate.predictions();
  expect(asked()).toEqual([]);
  for (const prediction of [one!, two!]) {
    const delivery = replicateDelivery({ ...prediction, status: "succeeded" });
    expect((await post(delivery)).status).toBe(200);
    // Again, as senders do.
    expect((await post(delivery)).status).toBe(200);
  }
  expect((await watching).at(-1)).toMatchObject({ status: "SUCCEEDED", creditsSpent: 2 });
  expect(asked().filter(({ path }) => path.includes("/v1/predictions/"))).toHaveLength(2);
  expect(await eventsOf(one!.id)).toEqual([{ type: "prediction.succeeded", status: "APPLIED" }]);
});

test("what is forged, old, early, late or unknown wakes nobody", async () => {
  const person = await rich(world);
  const { hairTryOn } = await create(world, person, { views: ["LEFT"] });
  await until(() => stubs.replicate.predictions().length === 1);
  const prediction = stubs.replicate.predictions()[0]!;
  expect(viewOf(prediction)).toBe("LEFT");
  const done = { ...prediction, status: "succeeded" };
  const old = new Date(Date.now() - 6 * 60_000);
  const forged = [
    replicateDelivery(done, { secret: "whsec_d3Jvbmctc2VjcmV0" }),
    replicateDelivery(done, { at: old }),
    { ...replicateDelivery(done), body: JSON.stringify({ ...done, status: "failed" }) },
  ];
  for (const delivery of forged) expect((await post(delivery)).status).toBe(401);
  expect((await post({ ...replicateDelivery(done), body: "" })).status).toBe(401);
  const started = replicateDelivery({ ...prediction, status: "processing" });
  expect((await post(started)).status).toBe(200);
  const foreign = {
    ...done,
    id: "prd999",
    webhook: `${world.url}/?job=hto_0000000000000&view=LEFT`,
  };
  expect((await post(replicateDelivery(foreign))).status).toBe(200);
  await until(async () => (await eventsOf("prd999")).some(({ status }) => status === "IGNORED"));
  await until(async () => (await eventsOf(prediction.id))[0]?.status === "IGNORED");
  expect(asked()).toEqual([]);
  // A lie in a genuine report changes nothing: the job asks the maker, who knows better.
  stubs.replicate.outcome("LEFT", { status: "failed", error: "flagged as sensitive (E005)" });
  await post(replicateDelivery(done, { id: "msg_true" }));
  expect((await watched(person, hairTryOn.id)).at(-1)).toMatchObject({
    status: "FAILED",
    failure: { code: "CONTENT_REFUSED" },
  });
  expect(await creditsOf(person)).toEqual({ balance: 10, held: 0 });
  // After its end.
  expect((await post(replicateDelivery(done, { id: "msg_late" }))).status).toBe(200);
  await until(async () => (await eventsOf(prediction.id)).at(-1)?.status === "IGNORED");
});
