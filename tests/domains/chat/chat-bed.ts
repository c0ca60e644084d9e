import { readFileSync } from "node:fs";
import { ReplyText } from "../../../src/client/index.ts";
import type { TestClient } from "../../support/client.ts";
import { startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World, type WorldOptions } from "../../support/world.ts";

const stored = (name: string): string =>
  readFileSync(
    new URL(`../../../schema/operations/mobile/${name}.graphql`, import.meta.url),
    "utf8",
  );

/** The operations of chat, as the apps send them. */
export const OPERATION = {
  create: stored("CreateChatroom"),
  rename: stored("RenameChatroom"),
  remove: stored("DeleteChatroom"),
  rooms: stored("Chatrooms"),
  room: stored("Chatroom"),
  send: stored("SendMessage"),
  stop: stored("StopReply"),
  cancel: stored("CancelJob"),
  regenerate: stored("RegenerateReply"),
  watchReply: stored("WatchReply"),
  watchRoom: stored("WatchChatroom"),
};

/** A world that talks to a stub of Gemini, and of OpenAI where Pal is to do so, too. */
export async function talkingWorld(
  options: WorldOptions & { openAi?: boolean } = {},
): Promise<{ world: World; stubs: Stubs; stop(): Promise<void> }> {
  const stubs = await startStubs();
  const world = await createWorld({
    ...options,
    env: {
      GEMINI_MODE: "live",
      GEMINI_BASE_URL: `${stubs.url}/gemini`,
      GEMINI_API_KEY: "key",
      CHAT_MESSAGES_PER_MINUTE: "100000",
      MAX_SOCKETS_PER_USER: "1000",
      ...(options.openAi && {
        OPENAI_MODE: "live",
        OPENAI_BASE_URL: `${stubs.url}/openai/v1`,
        OPENAI_API_KEY: "key",
      }),
      ...options.env,
    },
  });
  return {
    world,
    stubs,
    stop: async () => {
      await world.stop();
      await stubs.close();
    },
  };
}

/** The messages that Gemini was asked to answer so far. */
export const prompts = (stubs: Stubs): string[] =>
  stubs.requests("gemini").map(({ json }) => json.contents.at(-1).parts.at(-1).text as string);

/** What the stub is to do with a message; `name` tells one message from another. */
export const wish = (name: string, facts: object): string =>
  `${name} stub ${JSON.stringify(facts)}`;

/** Waits until a reply has ended. */
export async function ended(person: TestClient, id: string): Promise<any> {
  const read = async () =>
    (
      await person.must(
        "query($id: ID!) { node(id: $id) { ... on ChatReply { id status version content generation ending failure { code canRetry } startedAt finishedAt seq } } }",
        { id },
      )
    ).node;
  return until(read, (reply) => reply === null || reply.finishedAt !== null);
}

/** Makes a room and returns its id. */
export async function newRoom(person: TestClient, name: string | null = null): Promise<string> {
  const { createChatroom } = await person.must(OPERATION.create, { input: { name } });
  return createChatroom.chatroom.id as string;
}

/** Sends a message that must be taken. */
export async function say(
  person: TestClient,
  chatroomId: string,
  content: string,
  idempotencyKey?: string,
): Promise<{ userMessage: any; reply: any }> {
  const { sendMessage } = await person.must(OPERATION.send, {
    input: { chatroomId, content, idempotencyKey },
  });
  if (sendMessage.problems.length > 0) throw new Error(JSON.stringify(sendMessage.problems));
  return sendMessage;
}

/** A frame of `chatReplyStreamed`. */
export interface Frame {
  generation: number;
  offset: number;
  appended: string;
  reply: any;
}

/** Follows a reply to its end; the text and all frames. */
export async function hear(
  person: TestClient,
  id: string,
  onFrame: (frame: Frame, text: string) => void | Promise<void> = () => undefined,
): Promise<{ text: string; frames: Frame[]; last: any }> {
  const reply = new ReplyText();
  const frames: Frame[] = [];
  for await (const { data, errors } of person.watch(OPERATION.watchReply, { id })) {
    if (errors) throw new Error(JSON.stringify(errors));
    const frame = data.chatReplyStreamed as Frame;
    frames.push(frame);
    await onFrame(frame, reply.add(frame));
  }
  return { text: reply.text, frames, last: frames.at(-1)?.reply };
}

/** The newest messages of a room, oldest first. */
export async function messagesOf(person: TestClient, id: string, last = 100): Promise<any[]> {
  return (await person.must(OPERATION.room, { id, last })).chatroom.messages.nodes as any[];
}

/** How many messages count today. */
export async function usedMessages(person: TestClient): Promise<number> {
  const { viewer } = await person.must("{ viewer { usage { name used } } }");
  return viewer.usage.find(({ name }: any) => name === "CHAT_MESSAGES").used as number;
}
