import { GraphQLDateTime } from "graphql-scalars";
import { ArgsType, Field, ID, Int, InterfaceType, ObjectType } from "type-graphql";
import { ViewerEvent } from "../../platform/events/feed.types.ts";
import { connectionTypes } from "../../platform/graphql/connection.ts";
import { Node, nodeTypeOf } from "../../platform/graphql/node.ts";
import { JobInterface } from "../../platform/jobs/job.types.ts";
import {
  ChatAssistants,
  ChatReplyEndings,
  type ChatAssistant,
  type ChatReplyEnding,
} from "./chat.vocabulary.ts";

@InterfaceType("ChatMessage", {
  description: "What was said in a chatroom: a `UserMessage` or a `ChatReply`.",
  resolveType: (value: { id: string }) => nodeTypeOf(value.id),
})
export abstract class ChatMessageInterface {
  @Field(() => ID, { description: "Opaque, unique across all types." })
  id!: string;

  @Field(() => Int, { description: "Its place in the chatroom, from 1, without gaps." })
  seq!: number;

  @Field(() => String, { description: "The text. Of a reply that is being written: so far." })
  content!: string;

  @Field(() => GraphQLDateTime, { description: "When it was added." })
  createdAt!: Date;
}

@ObjectType({
  implements: [Node, ChatMessageInterface],
  description: "What the user wrote in a chatroom.",
})
export class UserMessage extends ChatMessageInterface {}

@ObjectType({
  implements: [Node, JobInterface, ChatMessageInterface],
  description:
    "What an assistant answers. A job: follow its text with `chatReplyStreamed`. Offsets count UTF-16 code units, which is what `length` of a JavaScript string counts.",
})
export class ChatReply extends JobInterface {
  @Field(() => Int, { description: "Its place in the chatroom, from 1, without gaps." })
  seq!: number;

  @Field(() => String, {
    description:
      "The text: so far while it is written, all of it once it has succeeded. What had come of a reply that failed or was canceled stays, unless it may not be shown.",
  })
  content!: string;

  @Field(() => Int, {
    description:
      "Which text `content` is: rises each time it starts anew, because the work was interrupted.",
  })
  generation!: number;

  @Field(() => ChatReplyEndings, {
    nullable: true,
    description: "How it ended; null unless it has succeeded.",
  })
  ending!: ChatReplyEnding | null;

  @Field(() => UserMessage, {
    nullable: true,
    description: "What it answers; null when it was deleted since.",
  })
  question!: unknown;

  @Field(() => ChatReply, { nullable: true, description: "The reply that this was to improve." })
  replaces!: unknown;

  @Field(() => ChatReply, {
    nullable: true,
    description: "The reply that was written in its place; show that one instead.",
  })
  replacedBy!: unknown;
}

const messageConnection = connectionTypes<ChatMessageInterface>(
  "ChatMessage",
  () => ChatMessageInterface,
);
export const ChatMessageConnection = messageConnection.connection;

@ObjectType({ implements: Node, description: "A conversation with an assistant." })
export class Chatroom extends Node {
  @Field(() => String, { description: "What it is about." })
  name!: string;

  @Field(() => ChatAssistants, { description: "Whom it is with." })
  assistant!: ChatAssistant;

  @Field(() => Int, { description: "Rises with each change; the larger one is the newer one." })
  version!: number;

  @Field(() => Int, { description: "Number of the newest message; 0 in an empty chatroom." })
  lastSeq!: number;

  @Field(() => GraphQLDateTime, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When something was last written in it." })
  activeAt!: Date;
}

const roomConnection = connectionTypes<Chatroom>("Chatroom", () => Chatroom);
export const ChatroomConnection = roomConnection.connection;

@ArgsType()
export class ChatReplyStreamedArgs {
  @Field(() => ID, { description: "The reply." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Length of the text that the client has, in UTF-16 code units; default 0.",
  })
  fromOffset?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "The generation of that text. Give it with `fromOffset`: if the text has started anew since, it is sent from its beginning.",
  })
  generation?: number | null;
}

@ObjectType({
  description:
    "The text of a reply has grown, or ended. The text is what the client had up to `offset`, then `appended`; an `offset` smaller than its length takes text back.",
})
export class ChatReplyStreamed {
  @Field(() => ChatReply, {
    nullable: true,
    description: "The reply as it is now; null when it was deleted since.",
  })
  reply!: unknown;

  @Field(() => Int, { description: "Rises each time the text starts anew." })
  generation!: number;

  @Field(() => Int, { description: "Where `appended` begins, in UTF-16 code units." })
  offset!: number;

  @Field(() => String, {
    description: "What comes there. Never begins or ends inside a character.",
  })
  appended!: string;
}

@ArgsType()
export class ChatMessageAddedArgs {
  @Field(() => ID, { description: "The chatroom." })
  chatroomId!: string;

  @Field(() => Int, {
    nullable: true,
    description: "The `seq` of the last message that the client has; starts now when absent.",
  })
  afterSeq?: number | null;
}

@ObjectType({ description: "A message was added to a chatroom." })
export class ChatMessageAdded {
  @Field(() => Int, { description: "Its `seq`; give the last one as `afterSeq` to resume." })
  seq!: number;

  @Field(() => ChatMessageInterface, {
    nullable: true,
    description: "The message as it is now; null when it was deleted since.",
  })
  message!: unknown;
}

@ObjectType({
  implements: ViewerEvent,
  description: "One of the user's chatrooms was made, renamed or deleted.",
})
export class ChatroomEvent extends ViewerEvent {
  @Field(() => ID, { description: "Id of the chatroom, also of one that is gone." })
  chatroomId!: string;

  @Field(() => Chatroom, {
    nullable: true,
    description: "The chatroom as it is now; null when it was deleted.",
  })
  chatroom!: unknown;
}

@ObjectType({
  implements: ViewerEvent,
  description: "The user wrote in a chatroom. Replies come as `JobEvent`.",
})
export class ChatMessageEvent extends ViewerEvent {
  @Field(() => UserMessage, {
    nullable: true,
    description: "The message; null when it was deleted since.",
  })
  message!: unknown;

  @Field(() => Chatroom, {
    nullable: true,
    description: "Where it was written; null when that was deleted since.",
  })
  chatroom!: unknown;
}
