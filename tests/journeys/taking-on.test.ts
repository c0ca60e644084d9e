import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../support/client.ts";
import { createWorld, portrait, type World } from "../support/world.ts";
import { give, openTill } from "../domains/wallet/wallet-bed.ts";

let world: World;
let ada: TestClient;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  ada = await world.person();
  const till = await openTill(world.databaseUrl, { nodeId: 900 });
  await give(till, ada.userId, 100);
  await till.stop();
}, 60_000);
afterAll(() => world.stop());

const stored = (name: string): string =>
  readFileSync(new URL(`../../schema/operations/mobile/${name}.graphql`, import.meta.url), "utf8");

async function statementsSoFar(): Promise<number> {
  const text = await world.nodes[0]!.metrics.registry.metrics();
  const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
  return sums.reduce((sum, match) => sum + Number(match[1]), 0);
}

const WORK: readonly [name: string, most: number, input: () => Promise<object>][] = [
  [
    "AnalyzeSkin",
    10,
    async () => ({
      uploadId: await world.upload(ada, portrait(), "image/png"),
      focus: "GENERAL",
    }),
  ],
  [
    "CreateEmojiTask",
    10,
    async () => ({
      uploadId: await world.upload(ada, portrait(), "image/png", "EMOJI_SOURCE"),
      templateId: "emt_happy",
    }),
  ],
  [
    "SendMessage",
    12,
    async () => {
      const { createChatroom } = await ada.must(stored("CreateChatroom"), {
        input: { name: "talk" },
      });
      return { chatroomId: createChatroom.chatroom.id, content: "How do I look?" };
    },
  ],
];

test.each(WORK)("%s takes work on in at most %d statements", async (name, most, input) => {
  const variables = { input: await input() };
  const before = await statementsSoFar();
  const answer = await ada.must(stored(name), variables);
  expect((await statementsSoFar()) - before).toBeLessThanOrEqual(most);
  expect(Object.values<any>(answer)[0].problems).toEqual([]);
});
