import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { hear, messagesOf, newRoom, OPERATION, say } from "./chat-bed.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 60_000);
afterAll(() => world.stop());

test("a reply is streamed word by word to another node, and is what is stored; the room gets a title", async () => {
  const ada = await world.person();
  const room = await newRoom(ada);
  const { userMessage, reply } = await say(ada, room, "hello there, my name is Ada");
  expect(userMessage).toMatchObject({ seq: 1, content: "hello there, my name is Ada" });
  expect(reply).toMatchObject({ seq: 2, status: "QUEUED", content: "" });

  const heard = await hear(ada.at(world.nodes[1]!.url), reply.id);
  expect(heard.frames.length).toBeGreaterThan(3);
  expect(heard.last).toMatchObject({ status: "SUCCEEDED" });
  expect(heard.text).toContain("Nice to meet you, Ada");
  expect(heard.text).toContain("I am the local assistant");

  const messages = await messagesOf(ada, room);
  expect(messages.map(({ seq, __typename: type }) => [seq, type])).toEqual([
    [1, "UserMessage"],
    [2, "ChatReply"],
  ]);
  expect(messages[1]).toMatchObject({ content: heard.text, ending: "COMPLETE", generation: 1 });
  const named = async () => (await ada.must(OPERATION.rooms)).viewer.chatrooms.nodes[0].name;
  await until(named, (name) => name === "Hello there, my name is Ada");

  const next = await say(ada, room, "What is my name?");
  expect((await hear(ada, next.reply.id)).text).toContain("Your name is Ada");
});
