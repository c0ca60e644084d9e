import { randomUUID } from "node:crypto";
import { lastValueFrom, tap } from "rxjs";
import {
  CreateChatroomDocument,
  SendMessageDocument,
  WatchReplyDocument,
} from "../../../client/generated/graphql.ts";
import { ReplyText } from "../../../client/index.ts";
import { DemoFailed } from "../demo-failed.ts";
import { done, type DemoUser } from "../demo-user.ts";

const QUESTION = "Hello! What can you help me with?";

/** Asks a question in a new chatroom and prints the answer as it is written. */
export async function showChat({ client, question, terminal }: DemoUser): Promise<void> {
  const content = question ?? QUESTION;
  const { data: room } = await client.apollo.mutate({
    mutation: CreateChatroomDocument,
    variables: { input: { assistant: "GENERAL" } },
  });
  const { id: chatroomId } = done(room?.createChatroom, (payload) => payload.chatroom);
  terminal.line(terminal.bold(content));
  const sentAt = performance.now();
  const { data: sent } = await client.apollo.mutate({
    mutation: SendMessageDocument,
    variables: { input: { chatroomId, content, idempotencyKey: randomUUID() } },
  });
  const { id } = done(sent?.sendMessage, (payload) => payload.reply);
  const text = new ReplyText();
  let firstMs: number | null = null;
  const last = await lastValueFrom(
    client.apollo.subscribe({ query: WatchReplyDocument, variables: { id } }).pipe(
      tap(({ data, error }) => {
        if (error) throw new DemoFailed(error.message);
        if (!data) return;
        const before = text.text;
        const after = text.add(data.chatReplyStreamed);
        if (after !== "") firstMs ??= performance.now() - sentAt;
        // Text that was taken back cannot be unprinted: the reply begins anew on a line of its own.
        terminal.write(after.startsWith(before) ? after.slice(before.length) : `\n${after}`);
      }),
    ),
  );
  terminal.line();
  const reply = last.data?.chatReplyStreamed.reply;
  if (reply?.status !== "SUCCEEDED") {
    throw new DemoFailed(`No answer: ${reply?.failure?.message ?? reply?.status ?? "gone"}`);
  }
  const first = firstMs === null ? "no" : String(Math.round(firstMs));
  const all = Math.round(performance.now() - sentAt);
  terminal.line(terminal.faint(`First words after ${first} ms, all after ${all} ms.`));
}
