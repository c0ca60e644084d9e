import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { PersonalData } from "../../../src/platform/module.ts";
import { createWorld, type World } from "../../support/world.ts";
import { ended, messagesOf, newRoom, OPERATION, say } from "./chat-bed.ts";

let world: World;
let chat: PersonalData;
beforeAll(async () => {
  world = await createWorld({ nodes: 1 });
  chat = world.nodes[0]!.parts.modules.map(({ personalData }) => personalData).find(
    (data) => data?.name === "chat",
  )!;
}, 60_000);
afterAll(() => world.stop());

test("what was said is handed over, moves with its owner, and is forgotten", async () => {
  const [guest, account] = [await world.person(), await world.person()];
  const room = await newRoom(guest, "tea");
  const { reply } = await say(guest, room, "hello");
  const { content } = await ended(guest, reply.id);
  expect(await chat.export(guest.userId)).toMatchObject([
    {
      name: "tea",
      messages: [
        { seq: 1, role: "USER", content: "hello" },
        { seq: 2, role: "ASSISTANT", content },
      ],
    },
  ]);

  const move = { fromUserId: guest.userId, toUserId: account.userId };
  const moved = await world.nodes[0]!.parts.unitOfWork.run((tx) => chat.merge(tx, move));
  expect(moved).toEqual({ chatrooms: 1 });
  expect((await guest.must(OPERATION.rooms)).viewer.chatrooms.nodes).toEqual([]);
  expect((await messagesOf(account, room)).map(({ id }) => id)).toContain(reply.id);
  await ended(account, (await say(account, room, "it goes on")).reply.id);

  for (let times = 0; times < 2; times += 1) await chat.erase(account.userId);
  expect(await chat.export(account.userId)).toEqual([]);
  const { database } = world.nodes[0]!.stores;
  for (const table of [
    "chat_messages",
    "chat_replies",
    "ai_jobs",
    "chat_room_lists where user_id = $1",
  ]) {
    const values = table.includes("$1") ? [account.userId] : [];
    expect(await database.query(`select 1 from ${table}`, values)).toEqual([]);
  }
});
