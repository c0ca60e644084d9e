import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { storeUrls } from "../../support/database.ts";
import { Gate } from "../../support/gate.ts";
import { until } from "../../support/until.ts";
import type { World } from "../../support/world.ts";
import { ended, hear, newRoom, OPERATION, say, talkingWorld, wish } from "./chat-bed.ts";

let bed: Awaited<ReturnType<typeof talkingWorld>>;
let world: World;
let gate: Gate;
beforeAll(async () => {
  const { redisUrl } = storeUrls();
  gate = await Gate.before(redisUrl);
  bed = await talkingWorld({ nodes: 1, redisUrl: gate.urlOf(redisUrl) });
  ({ world } = bed);
}, 60_000);
afterAll(async () => {
  await bed.stop();
  await gate.close();
});

test("Redis goes away in the middle of a reply: it is read to its end, and the list of rooms is right", async () => {
  const ada = await world.person();
  const room = await newRoom(ada, "before");
  const { reply } = await say(ada, room, wish("o", { words: 100, paceMs: 20 }));
  let isAway = false;
  const { text, last } = await hear(ada, reply.id, async (_frame, soFar) => {
    if (isAway || soFar.length < 100) return;
    isAway = true;
    gate.shut();
    await ada.must(OPERATION.rename, { input: { id: room, name: "while it is away" } });
    const { viewer } = await ada.must(OPERATION.rooms);
    expect(viewer.chatrooms.nodes[0].name).toBe("while it is away");
  });
  expect(isAway).toBe(true);
  expect(last.status).toBe("SUCCEEDED");
  expect(text).toBe((await ended(ada, reply.id)).content);
  gate.reopen();
  const all = [...world.nodes, ...world.workers];
  await until(() => all.every(({ parts }) => parts.nudges.isConnected()));
});
