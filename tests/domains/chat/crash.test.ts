import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { storeUrls } from "../../support/database.ts";
import { startServer, type Server } from "../../support/server-process.ts";
import type { World } from "../../support/world.ts";
import {
  ended,
  hear,
  messagesOf,
  newRoom,
  say,
  talkingWorld,
  usedMessages,
  wish,
} from "./chat-bed.ts";

let bed: Awaited<ReturnType<typeof talkingWorld>>;
let world: World;
const workers: Server[] = [];

beforeAll(async () => {
  bed = await talkingWorld({ workers: 0, nodes: 1 });
  ({ world } = bed);
  workers.push(await worker());
}, 60_000);
afterAll(async () => {
  await Promise.all(workers.map((one) => one.kill()));
  await bed.stop();
});

function worker(): Promise<Server> {
  const { mongoUrl, redisUrl } = storeUrls();
  return startServer(["--role", "worker"], {
    ...world.env,
    LOG_LEVEL: "info",
    DATABASE_URL: world.databaseUrl,
    MONGODB_URL: mongoUrl,
    REDIS_URL: redisUrl,
  });
}

test("a worker that is killed in the middle of a reply: another one writes it, from its beginning, and nothing is lost", async () => {
  const ada = await world.person();
  const room = await newRoom(ada);
  const slow = await say(ada, room, wish("k1", { words: 40, paceMs: 20 }));
  const next = await say(ada, room, wish("k2", { words: 3 }));
  let killedAtMs = 0;
  const { text, frames } = await hear(ada, slow.reply.id, async (_frame, soFar) => {
    if (killedAtMs > 0 || soFar.length < 50) return;
    killedAtMs = performance.now();
    await workers[0]!.kill();
    workers.push(await worker());
  });
  expect(killedAtMs).toBeGreaterThan(0);
  const restart = frames.findIndex(({ generation }) => generation === 2);
  expect(frames[restart]?.offset).toBe(0);
  const stored = await ended(ada, slow.reply.id);
  expect(stored).toMatchObject({ status: "SUCCEEDED", ending: "COMPLETE", content: text });
  expect((await ended(ada, next.reply.id)).status).toBe("SUCCEEDED");
  expect(await usedMessages(ada)).toBe(2);
  expect((await messagesOf(ada, room)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  const left = await world.nodes[0]!.stores.database.query("select 1 from chat_reply_chunks");
  expect(left).toEqual([]);
});
