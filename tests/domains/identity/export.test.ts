import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { ADD_ADDRESS, givePoints, HOME, openAccount } from "./persons-bed.ts";

let world: World;
beforeAll(async () => (world = await createWorld({ nodes: 1 })));
afterAll(() => world.stop());

const EXPORT = `mutation ($input: ExportMyDataInput!) {
  exportMyData(input: $input) { dataExport { id status } problems { code } } }`;
const NODE = `query ($id: ID!) { node(id: $id) { ... on DataExport {
  id status progress downloadUrl expiresAt } } }`;
const ask = async (client: TestClient, idempotencyKey?: string) =>
  (await client.must(EXPORT, { input: { idempotencyKey } })).exportMyData;
const codes = (payload: any): string[] => payload.problems.map((each: any) => each.code);
const cron = (name: string) =>
  world.nodes[0]!.parts.modules.flatMap((module) => module.crons ?? []).find(
    (each) => each.name === name,
  )!;

/** Every key of every object in a JSON value. */
const keysOf = (value: unknown): string[] =>
  value !== null && typeof value === "object"
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
    : [];

test("an export holds what every domain knows, but no secret; it is its owner's for a week", async () => {
  const owner = await openAccount(world, "sokha@facet.test");
  await owner.must(ADD_ADDRESS, { input: HOME });
  await givePoints(world, owner.userId, 12);
  const analysis = await startAnalysis(world, owner, { notes: "itchy since May" });
  await watchToEnd(owner, analysis);

  const { dataExport } = await ask(owner, "once");
  expect(codes(await ask(owner))).toEqual(["EXPORT_RUNNING"]);
  const seen = await watchToEnd(owner, dataExport.id);
  expect(seen.at(-1)).toMatchObject({ __typename: "DataExport", status: "SUCCEEDED" });
  expect((await ask(owner, "once")).dataExport).toMatchObject({ id: dataExport.id });

  const { node } = await owner.must(NODE, { id: dataExport.id });
  const response = await fetch(node.downloadUrl);
  expect(response.headers.get("content-type")).toContain("application/json");
  const text = await response.text();
  const content = JSON.parse(text);
  expect(content.account.profile).toMatchObject({ email: "sokha@facet.test" });
  expect(content.account.addresses).toMatchObject([{ addressLine1: "12 Mekong Road" }]);
  expect(content.account.sessions).toMatchObject([{ ip: expect.any(String) }]);
  expect(content.wallets[0]).toMatchObject({ balance: 12, entries: [{ delta: 12 }] });
  expect(content.skinAnalyses).toMatchObject([{ id: analysis, notes: "itchy since May" }]);
  expect(content.skinAnalyses[0].result.reading.metrics.redness).toEqual(expect.any(Number));
  expect(content.billing.usage).toMatchObject([{ limitKey: "SKIN_ANALYSES", used: 1 }]);
  expect(content.jobs.map(({ kind }: any) => kind)).toContain("SKIN_ANALYSIS");
  expect(keysOf(content).filter((key) => /hash|secret|token|password|key$/i.test(key))).toEqual([
    "limitKey",
  ]);
  expect(text).not.toMatch(/\$argon2|selfies\/|temp\//);

  const other = await openAccount(world, "dara@facet.test");
  expect((await other.must(NODE, { id: dataExport.id })).node).toBeNull();

  const { database } = world.nodes[0]!.stores;
  await database.query(
    "update ai_jobs set finished_at = finished_at - interval '7 days' where id = $1",
    [dataExport.id],
  );
  await cron("remove_old_exports").run();
  expect((await owner.must(NODE, { id: dataExport.id })).node).toBeNull();
  expect((await fetch(node.downloadUrl)).status).toBe(404);
});

test("three a day, however they are asked for", async () => {
  const owner = await openAccount(world, "vanna@facet.test");
  const crowd = await Promise.all(Array.from({ length: 6 }, () => ask(owner)));
  const made = crowd.filter(({ problems }) => problems.length === 0);
  expect(made).toHaveLength(1);
  for (let index = 0; index < 3; index += 1) {
    const id = index === 0 ? made[0].dataExport.id : (await ask(owner)).dataExport.id;
    await watchToEnd(owner, id);
  }
  expect(codes(await ask(owner))).toEqual(["TOO_MANY_EXPORTS"]);
});
