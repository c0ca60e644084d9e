import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { asked, billOf, openChargeBed, type ChargeBed } from "./charges/charge-bed.ts";
import { ANALYSIS, CHAT, EMOJI } from "./charges/products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed({ WORKER_CONCURRENCY: "2" });
}, 60_000);
afterAll(() => bed.stop());

const CROWD = 8;

test("a provider that hangs, and all who wait for their turn at it, hold up no other product", async () => {
  const { world, stubs } = bed;
  stubs.script("dashscope", { match: "GET /api/v1/tasks/", delayMs: 60_000, times: 99 });
  for (let index = 0; index < CROWD; index += 1) await EMOJI.start(world, await bed.person());
  await bed.someWorker();
  await asked(stubs, "dashscope", "GET /api/v1/tasks/");
  const person = await bed.person();
  const others = [ANALYSIS, CHAT].map(async (product) =>
    billOf(world, product.unit, person, await product.start(world, person)),
  );
  for (const bill of await Promise.all(others)) {
    expect(bill).toMatchObject({ status: "SUCCEEDED", cost: 1 });
  }
  const rows = await world.nodes[0]!.stores.database.query<{ status: string; count: number }>(
    `select status, count(*)::int as count from ai_jobs where kind = 'EMOJI_TASK'
     group by status order by status`,
  );
  expect(rows).toEqual([
    { status: "QUEUED", count: CROWD - 2 },
    { status: "RUNNING", count: 2 },
  ]);
});
