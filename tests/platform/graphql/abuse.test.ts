import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { abuseHttp, abuseSocket, abuseUploads } from "../../support/abuse.ts";
import { createWorld, type World } from "../../support/world.ts";

const SEED = 2_026;

let world: World;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0, env: { MAX_SOCKETS_PER_USER: "1000" } });
});
afterEach(async () => {
  const ada = await world.person();
  expect((await ada.must("{ viewer { id } }")).viewer.id).toBe(ada.userId);
});
afterAll(() => world.stop());

test("malformed requests are refused as such, and nothing internal is told", async () => {
  const { outcomes, wrong } = await abuseHttp(world.url, 2_000, SEED);
  expect(wrong).toEqual([]);
  expect(outcomes.get("200")).toBeGreaterThan(500); // well-formed ones with bad values
});

test("malformed frames close the socket as the protocol says, or are answered", async () => {
  const { outcomes, wrong } = await abuseSocket(world.url, 500, SEED);
  expect(wrong).toEqual([]);
  for (const outcome of outcomes.keys()) {
    expect(["open", "4400", "4409", "1007", "1009"]).toContain(outcome);
  }
});

test("spoiled pictures are refused with a problem", async () => {
  const { outcomes, wrong } = await abuseUploads(world.url, 60, SEED);
  expect(wrong).toEqual([]);
  for (const outcome of outcomes.keys()) expect(outcome).toMatch(/^(IMAGE_|UNSUPPORTED_|taken)/);
});
