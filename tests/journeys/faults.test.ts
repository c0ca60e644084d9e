import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { ANALYZE } from "../support/analyses.ts";
import type { Answer, TestClient } from "../support/client.ts";
import { Gate } from "../support/gate.ts";
import { hasRedisServer, RedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { createWorld, portrait, type World } from "../support/world.ts";
import { storeUrls } from "../support/database.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
const idOf = (answer: Answer) => answer.data?.analyzeSkin?.skinAnalysis?.id as string | undefined;
const codeOf = (answer: Answer) => answer.data?.analyzeSkin?.problems?.[0]?.code as unknown;

let world: World;
let small: Uint8Array;
let gate: Gate;
let server: RedisServer | null = null;
const mongoUrl = storeUrls().mongoUrl;

beforeAll(async () => {
  process.on("unhandledRejection", note);
  gate = await Gate.before(mongoUrl);
  small = await sharp(portrait()).resize(320).jpeg().toBuffer();
  process.env["FACET_TEST_MONGO_URL"] = gate.urlOf(mongoUrl);
  server = hasRedisServer ? await RedisServer.start() : null;
  world = await createWorld({
    env: { SKIN_ANALYSES_PER_MONTH: "15" },
    ...(server ? { redisUrl: server.url } : {}),
  });
}, 30_000);
afterEach(() => expect(unhandled).toEqual([]));
afterAll(async () => {
  await world.stop();
  await gate.close();
  await server?.down();
  process.env["FACET_TEST_MONGO_URL"] = mongoUrl;
  process.off("unhandledRejection", note);
});

const analyze = (person: TestClient, input: Record<string, unknown>, index = 0) =>
  person.at(world.nodes[index % 2]!.url).send(ANALYZE, { input });

const uploads = (person: TestClient, count: number) =>
  Promise.all(Array.from({ length: count }, () => world.upload(person, small, "image/jpeg")));

/** Nobody waits for these analyses; they must not hold up the next test. */
const cancelAll = () =>
  world.nodes[0]!.stores.database.query(
    `with gone as (update ai_jobs set status = 'CANCELED', finished_at = now()
       where status = 'QUEUED' returning id)
     select graphile_worker.remove_job(id) from gone`,
  );

test("one key sent ten times at once over two nodes has one effect and one answer", async () => {
  const person = await world.person();
  const ids = new Set<string>();
  const sent = await uploads(person, 10);
  for (const [key, uploadId] of sent.entries()) {
    const input = { uploadId, idempotencyKey: `key ${key}` };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => analyze(person, input, index)),
    );
    expect(new Set(answers.map(idOf)).size).toBe(1);
    ids.add(idOf(answers[0]!)!);
    const other = await analyze(person, { ...input, notes: "other" });
    expect(other.errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_MISMATCH");
  }
  expect(ids.size).toBe(10);
  await cancelAll();
});

test("a quota of 15 lets exactly 15 of 20 starts at once through", async () => {
  const person = await world.person();
  const answers = await Promise.all(
    (await uploads(person, 20)).map((uploadId, index) => analyze(person, { uploadId }, index)),
  );
  expect(answers.filter(idOf)).toHaveLength(15);
  expect(answers.filter((answer) => codeOf(answer) === "QUOTA_EXCEEDED")).toHaveLength(5);
  await cancelAll();
});

test("without MongoDB an analysis waits, its fields cost only themselves, the rest goes on", async () => {
  const person = await world.person();
  gate.shut();
  const id = idOf(await analyze(person, { uploadId: await world.upload(person, portrait()) }))!;
  const read = `query Read($id: ID!) { viewer { id } products { nodes { id } }
    skinAnalysis(id: $id) { id status result { analysisVersion } } }`;
  const { database } = world.nodes[0]!.stores;
  await until(async () => {
    const rows = await database.query("select 1 from ai_jobs where id = $1 and version > 3", [id]);
    return rows.length > 0;
  });
  const without = await person.send(read, { id });
  expect(without.data).toMatchObject({ viewer: { id: person.userId }, products: {} });
  const health = await fetch(`${world.url}/readyz`);
  expect([health.status, (await health.json()).status]).toEqual([200, "degraded"]);
  gate.reopen();
  const done = await until(
    () => person.send(read, { id }),
    (answer) => answer.data?.skinAnalysis?.status === "SUCCEEDED",
    20_000,
  );
  expect(done.data.skinAnalysis.result).not.toBeNull();
}, 40_000);

(hasRedisServer ? describe : describe.skip)("without Redis", () => {
  test("nothing that is durable fails, and limits hold", async () => {
    const person = await world.person();
    const [before, during] = await uploads(person, 2);
    expect(idOf(await analyze(person, { uploadId: before }))).toBeDefined();
    await server!.down();
    const startMs = performance.now();
    expect(idOf(await analyze(person, { uploadId: during }))).toBeDefined();
    expect(performance.now() - startMs).toBeLessThan(1_000);
    const tries = await Promise.all(
      Array.from({ length: 12 }, () =>
        world.stranger().send(
          `mutation Login($input: LoginWithPasswordInput!) {
             loginWithPassword(input: $input) { problems { code } } }`,
          { input: { identifier: "nobody@example.com", password: "wrong password 1" } },
        ),
      ),
    );
    const admitted = tries.filter(
      ({ data }) => data?.loginWithPassword?.problems[0]?.code === "INVALID_CREDENTIALS",
    );
    expect(admitted).toHaveLength(5);
    await server!.up();
    await cancelAll();
  }, 20_000);
});
