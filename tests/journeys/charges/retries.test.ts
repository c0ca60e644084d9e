import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sourcePictureKey } from "../../../src/domains/emoji/emoji.input.ts";
import { watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import type { Stubs } from "../../support/stubs/index.ts";
import { billOf, expectTrueBooks, openChargeBed, type ChargeBed } from "./charge-bed.ts";
import { ANALYSIS, EMOJI, TRY_ON } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(async () => {
  await expectTrueBooks(bed.world);
  await bed.stop();
});

const RETRY = /* GraphQL */ `
  mutation ($input: RetryJobInput!) {
    retryJob(input: $input) {
      job {
        id
      }
      problems {
        code
        path
      }
    }
  }
`;
const CANCEL =
  "mutation ($input: CancelJobInput!) { cancelJob(input: $input) { job { status } problems { code } } }";

/** What is done to pictures, and how that goes wrong once, so that it may be tried again. */
const PRODUCTS = [
  {
    name: "EmojiTask",
    start: (person: TestClient) => EMOJI.start(bed.world, person),
    fail: (stubs: Stubs) => stubs.script("dashscope", { match: "/result/", status: 403 }),
  },
  {
    name: "SkinAnalysis",
    start: (person: TestClient) => ANALYSIS.start(bed.world, person),
    fail: (stubs: Stubs) => stubs.script("orbo", { match: "/skin/v1/image", delayMs: 60_000 }),
    seconds: 2,
  },
  {
    name: "HairTryOn",
    start: (person: TestClient) => TRY_ON.start(bed.world, person, ["FRONT"]),
    fail: (stubs: Stubs) => stubs.replicate.outcome("FRONT", { status: "failed", error: "?" }),
  },
];
const [EMOJI_TASK] = PRODUCTS as [(typeof PRODUCTS)[0], ...typeof PRODUCTS];

/** A job that has failed; nobody works any more. */
async function failed(product: (typeof PRODUCTS)[0]): Promise<{ person: TestClient; id: string }> {
  const { stubs, world } = bed;
  await bed.stopWorker();
  product.fail(stubs);
  const person = await bed.person();
  const id = await product.start(person);
  await world.nodes[0]!.stores.database.query(
    "update ai_jobs set deadline_at = now() + make_interval(secs => $2) where id = $1",
    [id, product.seconds ?? 60],
  );
  await bed.someWorker();
  expect((await watchToEnd(person, id)).at(-1)).toMatchObject({
    status: "FAILED",
    failure: { canRetry: true },
  });
  stubs.reset();
  stubs.replicate.forget();
  await bed.stopWorker();
  return { person, id };
}

async function retry(person: TestClient, id: string): Promise<string> {
  const { job, problems } = (await person.must(RETRY, { input: { id } })).retryJob;
  expect(problems).toEqual([]);
  return job.id as string;
}

const cancelWaiting = async (person: TestClient, id: string) =>
  expect((await person.must(CANCEL, { input: { id } })).cancelJob.job.status).toBe("CANCELED");

async function work(person: TestClient, ...ids: string[]): Promise<void> {
  await bed.someWorker();
  for (const id of ids) {
    expect((await watchToEnd(person, id)).at(-1)).toMatchObject({
      status: "SUCCEEDED",
      failure: null,
    });
  }
}

test.each(PRODUCTS.map((product) => [product.name, product] as const))(
  "%s: who does it again may delete the first one",
  async (name, product) => {
    const { person, id } = await failed(product);
    const again = await retry(person, id);
    const answer = await person.must(
      `mutation ($input: Delete${name}Input!) { delete${name}(input: $input) { deletedId } }`,
      { input: { id } },
    );
    expect(answer[`delete${name}`].deletedId).toBe(id);
    await gone(id);
    await work(person, again);
  },
);

/** Waits until nothing is left to remove of a deleted job. */
async function gone(id: string): Promise<void> {
  const { parts, stores } = bed.world.nodes[0]!;
  await parts.jobDeletions.complete();
  expect(
    await stores.database.query("select 1 from job_deletions where job_id = $1", [id]),
  ).toEqual([]);
}

test("a retry that was canceled before it ran can be done again, too", async () => {
  const { person, id } = await failed(EMOJI_TASK);
  const second = await retry(person, id);
  await cancelWaiting(person, second);
  const third = await retry(person, second);
  await work(person, third);
  const { status, entries } = await billOf(bed.world, "POINTS", person, third);
  expect([status, entries]).toEqual(["SUCCEEDED", ["CONSUME -10"]]);
});

test("what was canceled before it ran can be done again twice, also at once", async () => {
  await bed.stopWorker();
  const person = await bed.person();
  const id = await EMOJI_TASK.start(person);
  await cancelWaiting(person, id);
  await work(person, ...(await Promise.all([retry(person, id), retry(person, id)])));
});

test("where the picture is gone, a retry is refused and costs nothing", async () => {
  const { person, id } = await failed(EMOJI_TASK);
  await bed.world.nodes[0]!.providers.blobs.delete(sourcePictureKey(id));
  const before = await billOf(bed.world, "POINTS", person, id);
  const { job, problems } = (await person.must(RETRY, { input: { id } })).retryJob;
  expect(job).toBeNull();
  expect(problems).toEqual([{ code: "PICTURE_GONE", path: ["input", "id"] }]);
  expect(await billOf(bed.world, "POINTS", person, id)).toEqual(before);
  const jobs = await person.must("{ viewer { jobs { nodes { id } } } }");
  expect(jobs.viewer.jobs.nodes).toEqual([{ id }]);
});

test("a job whose picture is gone fails at once and for good", async () => {
  await bed.stopWorker();
  const { providers, parts, stores } = bed.world.nodes[0]!;
  const person = await bed.person();
  const id = await EMOJI_TASK.start(person);
  const [upload] = await stores.database.query<{ key: string }>(
    "select key from uploads where user_id = $1",
    [person.userId],
  );
  await providers.blobs.delete(upload!.key);
  await bed.someWorker();
  expect((await watchToEnd(person, id)).at(-1)).toMatchObject({
    status: "FAILED",
    failure: { code: "PICTURE_GONE", canRetry: false },
  });
  expect((await parts.jobRepository.byIds([id]))[0]?.attempts).toBe(1);
});

test("nothing is kept of a retry that is deleted while its picture is copied", async () => {
  const { person, id } = await failed(EMOJI_TASK);
  const { providers, parts, stores } = bed.world.nodes[0]!;
  const { blobs } = providers;
  const write = blobs.write.bind(blobs);
  blobs.write = async (...args) => {
    await stores.database.query("delete from ai_jobs where retry_of = $1", [id]);
    await write(...args);
  };
  try {
    const again = await parts.jobs.retry(person.userId, id, null);
    expect(await blobs.head(sourcePictureKey(again.id))).toBeNull();
    expect(await blobs.head(sourcePictureKey(id))).not.toBeNull();
  } finally {
    blobs.write = write;
  }
});
