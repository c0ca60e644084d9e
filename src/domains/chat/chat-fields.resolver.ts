import { Ctx, FieldResolver, ID, Int, Resolver, Root } from "type-graphql";
import type { FeedEntry } from "../../platform/events/feed.ts";
import { registerFeedTopic } from "../../platform/events/feed.types.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { notFound } from "../../platform/graphql/errors.ts";
import type { Job } from "../../platform/jobs/job.ts";
import { Chatroom, ChatMessageEvent, ChatReply, ChatroomEvent, UserMessage } from "./chat.types.ts";
import {
  CHAT_MESSAGE_TOPIC,
  CHATROOM_TOPIC,
  ChatReplyEndings,
  type ChatReplyEnding,
} from "./chat.vocabulary.ts";
import type { ChatMessage } from "./messages.repository.ts";
import type { ReplyState } from "./replies/replies.repository.ts";
import type { Chatroom as ChatroomRow } from "./rooms/rooms.repository.ts";

registerFeedTopic(CHATROOM_TOPIC, ChatroomEvent.name);
registerFeedTopic(CHAT_MESSAGE_TOPIC, ChatMessageEvent.name);

/** The fields of a reply that are not columns of its job. */
@Resolver(() => ChatReply)
export class ChatReplyResolver {
  @FieldResolver(() => Int)
  async seq(@Root() job: Job, @Ctx() context: Context): Promise<number> {
    return (await messageOf(context, job)).seq;
  }

  @FieldResolver(() => String)
  async content(@Root() job: Job, @Ctx() context: Context): Promise<string> {
    return (await stateOf(context, job)).text;
  }

  @FieldResolver(() => Int)
  async generation(@Root() job: Job, @Ctx() context: Context): Promise<number> {
    return (await stateOf(context, job)).generation;
  }

  @FieldResolver(() => ChatReplyEndings, { nullable: true })
  async ending(@Root() job: Job, @Ctx() context: Context): Promise<ChatReplyEnding | null> {
    return (await stateOf(context, job)).ending;
  }

  @FieldResolver(() => UserMessage, { nullable: true })
  async question(@Root() job: Job, @Ctx() context: Context): Promise<ChatMessage | null> {
    return context.loaders.chatMessage.load((await stateOf(context, job)).questionId);
  }

  @FieldResolver(() => ChatReply, { nullable: true })
  async replaces(@Root() job: Job, @Ctx() context: Context): Promise<Job | null> {
    const { replacesId } = await stateOf(context, job);
    return replacesId === null ? null : context.loaders.job.load(replacesId);
  }

  @FieldResolver(() => ChatReply, { nullable: true })
  async replacedBy(@Root() job: Job, @Ctx() context: Context): Promise<Job | null> {
    const { replacedById } = await stateOf(context, job);
    return replacedById === null ? null : context.loaders.job.load(replacedById);
  }
}

@Resolver(() => ChatroomEvent)
export class ChatroomEventResolver {
  @FieldResolver(() => ID)
  chatroomId(@Root() entry: FeedEntry): string {
    return entry.refId;
  }

  @FieldResolver(() => Chatroom, { nullable: true })
  async chatroom(@Root() entry: FeedEntry, @Ctx() context: Context): Promise<ChatroomRow | null> {
    const room = await context.loaders.chatroom.load(entry.refId);
    return room?.userId === signedIn(context).userId ? room : null;
  }
}

@Resolver(() => ChatMessageEvent)
export class ChatMessageEventResolver {
  @FieldResolver(() => UserMessage, { nullable: true })
  message(@Root() entry: FeedEntry, @Ctx() context: Context): Promise<ChatMessage | null> {
    return ownMessage(context, entry.refId);
  }

  @FieldResolver(() => Chatroom, { nullable: true })
  async chatroom(@Root() entry: FeedEntry, @Ctx() context: Context): Promise<ChatroomRow | null> {
    const message = await ownMessage(context, entry.refId);
    return message && context.loaders.chatroom.load(message.roomId);
  }
}

async function ownMessage(context: Context, id: string): Promise<ChatMessage | null> {
  const message = await context.loaders.chatMessage.load(id);
  return message?.userId === signedIn(context).userId ? message : null;
}

/** Whoever was given the job may see the reply. */
async function messageOf({ loaders }: Context, { id }: Job): Promise<ChatMessage> {
  const message = await loaders.chatMessage.load(id);
  if (!message) throw notFound("The reply");
  return message;
}

async function stateOf({ loaders }: Context, { id }: Job): Promise<ReplyState> {
  const state = await loaders.chatReply.load(id);
  if (!state) throw notFound("The reply");
  return state;
}
