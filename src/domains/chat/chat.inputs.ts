import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Payload } from "../../platform/graphql/problems.ts";
import { ChatReply, Chatroom, UserMessage } from "./chat.types.ts";
import { ChatAssistants, type ChatAssistant } from "./chat.vocabulary.ts";

const KEY = "The same key again answers the same; 1–128 characters.";

@InputType({ description: "A new chatroom." })
export class CreateChatroomInput {
  @Field(() => String, {
    nullable: true,
    description: "1–100 characters; without one the first exchange gives it a title.",
  })
  name?: string | null;

  @Field(() => ChatAssistants, { defaultValue: "GENERAL", description: "Whom it is with." })
  assistant!: ChatAssistant;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `createChatroom`." })
export class CreateChatroomPayload extends Payload {
  @Field(() => Chatroom, { nullable: true, description: "The chatroom, empty." })
  chatroom?: unknown;
}

@InputType({ description: "A new name for a chatroom." })
export class RenameChatroomInput {
  @Field(() => ID, { description: "The chatroom." })
  id!: string;

  @Field(() => String, { description: "1–100 characters." })
  name!: string;
}

@ObjectType({ description: "The outcome of `renameChatroom`." })
export class RenameChatroomPayload extends Payload {
  @Field(() => Chatroom, { nullable: true, description: "The chatroom under its new name." })
  chatroom?: unknown;
}

@InputType({ description: "Which chatroom to delete." })
export class DeleteChatroomInput {
  @Field(() => ID, { description: "The chatroom." })
  id!: string;
}

@ObjectType({ description: "The outcome of `deleteChatroom`." })
export class DeleteChatroomPayload extends Payload {
  @Field(() => ID, { nullable: true, description: "What was deleted." })
  deletedId?: string | null;
}

@InputType({ description: "What the user writes." })
export class SendMessageInput {
  @Field(() => ID, { description: "Where." })
  chatroomId!: string;

  @Field(() => String, { description: "1–8,000 characters." })
  content!: string;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `sendMessage`." })
export class SendMessagePayload extends Payload {
  @Field(() => UserMessage, { nullable: true, description: "What the user wrote." })
  userMessage?: unknown;

  @Field(() => ChatReply, {
    nullable: true,
    description: "The reply: QUEUED until those before it in the chatroom have ended.",
  })
  reply?: unknown;
}

@InputType({ description: "Which reply to stop." })
export class StopReplyInput {
  @Field(() => ID, { description: "The reply." })
  id!: string;
}

@ObjectType({ description: "The outcome of `stopReply`." })
export class StopReplyPayload extends Payload {
  @Field(() => ChatReply, {
    nullable: true,
    description:
      "The reply; RUNNING until the stop has taken effect, unchanged when it had ended before.",
  })
  reply?: unknown;
}

@InputType({ description: "Which reply to write anew." })
export class RegenerateReplyInput {
  @Field(() => ID, { description: "The last reply of a chatroom, once it has ended." })
  messageId!: string;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `regenerateReply`." })
export class RegenerateReplyPayload extends Payload {
  @Field(() => ChatReply, {
    nullable: true,
    description: "The new reply, the last message of the chatroom; `replaces` names the old one.",
  })
  reply?: unknown;
}
