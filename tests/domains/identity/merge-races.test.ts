import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { until } from "../../support/until.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";
import {
  givePoints,
  MERGE,
  openAccount,
  openGuest,
  type DeviceCredentials,
} from "./persons-bed.ts";

let world: World;
let number = 0;
beforeAll(async () => {
  world = await createWorld({ nodes: 2, env: { LOGIN_ATTEMPTS_PER_ACCOUNT: "1000" } });
});
afterAll(() => world.stop());

const account = () => openAccount(world, `owner${(number += 1)}@facet.test`);
const merge = async (client: TestClient, device: DeviceCredentials) =>
  (await client.must(MERGE, { input: device })).mergeGuest;
const query = <T extends object = any>(text: string, values: unknown[]) =>
  world.nodes[0]!.stores.database.query<T>(text, values);

test("of many merges at once, to two accounts, one happens", async () => {
  const { client: guest, device } = await openGuest(world);
  const owners = [await account(), await account()];
  await givePoints(world, guest.userId, 40);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => merge(owners[index % 2]!, device)),
  );
  const winners = answers.filter(({ problems }) => problems.length === 0);
  expect(winners).toHaveLength(4);
  expect(new Set(winners.map(({ merged }) => JSON.stringify(merged))).size).toBe(1);
  const sums = await query(
    "select sum(balance)::int as points from wallets where user_id = any($1)",
    [owners.map(({ userId }) => userId)],
  );
  expect(sums).toEqual([{ points: 40 }]);
});

test("what the guest does in the moment of the merge is moved or refused, never lost", async () => {
  const { client: guest, device } = await openGuest(world);
  const owner = await account();
  const uploads = await Promise.all(
    Array.from({ length: 4 }, () => world.upload(guest, portrait())),
  );
  const ANALYZE = `mutation ($input: AnalyzeSkinInput!) { analyzeSkin(input: $input) {
    skinAnalysis { id } problems { code } } }`;
  const tries = uploads.map((uploadId) => guest.send(ANALYZE, { input: { uploadId } }));
  const [answers, report] = await Promise.all([Promise.all(tries), merge(owner, device)]);
  expect(report.problems).toEqual([]);
  const started = answers.flatMap(({ data }) => data?.analyzeSkin?.skinAnalysis?.id ?? []);
  const rows = await until(
    () => query("select id, user_id, status from ai_jobs where id = any($1)", [started]),
    (jobs) => jobs.every(({ status }) => status === "SUCCEEDED"),
  );
  expect(rows.filter(({ user_id }) => user_id === owner.userId)).toHaveLength(started.length);
  const left = await query("select count(*)::int as n from ai_jobs where user_id = $1", [
    guest.userId,
  ]);
  expect(left).toEqual([{ n: 0 }]);
  const used = await query("select used from usage_counters where user_id = $1", [owner.userId]);
  expect(used[0]?.used ?? 0).toBe(started.length);
});
