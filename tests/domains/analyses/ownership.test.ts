import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";

let world: World;
let ada: TestClient;
let bob: TestClient;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  [ada, bob] = [await world.person(), await world.person()];
  for (let n = 0; n < 2; n += 1) await startAnalysis(world, bob);
});
afterAll(() => world.stop());

test("a cursor from another user's list shows nothing of it", async () => {
  const { viewer } = await bob.must("{ viewer { jobs { edges { cursor } } } }");
  expect(viewer.jobs.edges).toHaveLength(2);
  for (const { cursor } of viewer.jobs.edges) {
    for (const page of [`first: 5, after: "${cursor}"`, `last: 5, before: "${cursor}"`]) {
      const seen = await ada.must(`{ viewer { jobs(${page}) { edges { cursor } } } }`);
      expect(seen.viewer.jobs.edges).toEqual([]);
    }
  }
});
