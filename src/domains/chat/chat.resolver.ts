import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Int,
  Mutation,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import type { Loaders } from "../../platform/graphql/loaders.ts";
import { payload } from "../../platform/graphql/problems.ts";
import type { Job } from "../../platform/jobs/job.ts";
import {
  RegenerateReplyInput,
  RegenerateReplyPayload,
  SendMessageInput,
  SendMessagePayload,
  StopReplyInput,
  StopReplyPayload,
} from "./chat.inputs.ts";
import type { ChatService } from "./chat.service.ts";
import type { ReplyFrame } from "./chat.streams.ts";
import {
  ChatMessageAdded,
  ChatMessageAddedArgs,
  ChatMessageInterface,
  ChatReply,
  ChatReplyStreamed,
  ChatReplyStreamedArgs,
} from "./chat.types.ts";
import type { ChatMessage } from "./messages.repository.ts";

/** Writing, stopping, writing anew, and following it live. */
@Resolver()
export class ChatResolver {
  constructor(private readonly chat: ChatService) {}

  @Authorized()
  @Mutation(() => SendMessagePayload, {
    description:
      "Counts the message and answers at once; the reply is written in the background, one after the other in each chatroom.",
  })
  sendMessage(
    @Arg("input", () => SendMessageInput, { description: "What and where." })
    input: SendMessageInput,
    @Ctx() context: Context,
  ): Promise<SendMessagePayload> {
    const { chatroomId, content, idempotencyKey = null } = input;
    return payload(SendMessagePayload, async () => {
      const sender = signedIn(context);
      const wish = { chatroomId, content, idempotencyKey };
      const { messageId, reply, added } = await this.chat.send(sender, wish);
      primeAdded(context.loaders, sender.userId, added);
      return { userMessage: await context.loaders.chatMessage.load(messageId), reply };
    });
  }

  @Authorized()
  @Mutation(() => StopReplyPayload, {
    description:
      "Stops a reply on all devices: what has come is kept and it succeeds with `ending: STOPPED`; when nothing has come it is canceled and does not count.",
  })
  stopReply(
    @Arg("input", () => StopReplyInput, { description: "Which reply." }) input: StopReplyInput,
    @Ctx() context: Context,
  ): Promise<StopReplyPayload> {
    return payload(StopReplyPayload, async () => ({
      reply: await this.chat.stop(signedIn(context).userId, input.id),
    }));
  }

  @Authorized()
  @Mutation(() => RegenerateReplyPayload, {
    description:
      "Has the last reply written anew; counts like a message. The old one stays, with `replacedBy`.",
  })
  regenerateReply(
    @Arg("input", () => RegenerateReplyInput, { description: "Which reply." })
    input: RegenerateReplyInput,
    @Ctx() context: Context,
  ): Promise<RegenerateReplyPayload> {
    const { messageId, idempotencyKey = null } = input;
    return payload(RegenerateReplyPayload, async () => ({
      reply: await this.chat.regenerate(signedIn(context), messageId, idempotencyKey),
    }));
  }

  @Authorized()
  @Subscription(() => ChatReplyStreamed, {
    description:
      "The text of a reply while it is written: first what there is beyond `fromOffset`, then what is appended, at most 20 times a second. Ends when the reply has ended.",
    subscribe: ({ context, args }) =>
      (context as Context).streams.chatReply(context as Context, args as ChatReplyStreamedArgs),
  })
  chatReplyStreamed(
    @Args(() => ChatReplyStreamedArgs) _args: ChatReplyStreamedArgs,
    @Root() frame: ReplyFrame,
  ): ReplyFrame {
    return frame;
  }

  @Authorized()
  @Subscription(() => ChatMessageAdded, {
    description:
      "Messages of a chatroom: first those after `afterSeq`, then each new one, in order.",
    subscribe: ({ context, args }) =>
      (context as Context).streams.chatMessages(context as Context, args as ChatMessageAddedArgs),
  })
  chatMessageAdded(
    @Args(() => ChatMessageAddedArgs) _args: ChatMessageAddedArgs,
    @Root() message: ChatMessage,
  ): ChatMessage {
    return message;
  }
}

/** A frame of a reply, whose state is looked up only where it is asked for. */
@Resolver(() => ChatReplyStreamed)
export class ChatReplyStreamedResolver {
  @FieldResolver(() => ChatReply, { nullable: true })
  reply(@Root() frame: ReplyFrame): Promise<Job | null> {
    return frame.reply();
  }
}

@Resolver(() => ChatMessageAdded)
export class ChatMessageAddedResolver {
  @FieldResolver(() => Int)
  seq(@Root() { seq }: ChatMessage): number {
    return seq;
  }

  @FieldResolver(() => ChatMessageInterface, { nullable: true })
  message(@Root() message: ChatMessage, @Ctx() context: Context): Promise<object | null> {
    return shown(context, message);
  }
}

/** What was added a moment ago need not be looked up: nothing of the reply has been written. */
function primeAdded(loaders: Loaders, userId: string, added: readonly ChatMessage[]): void {
  const [question, reply] = added;
  for (const message of added) loaders.chatMessage.prime(message.id, { ...message, userId });
  if (!question || !reply) return;
  loaders.chatReply.prime(reply.id, {
    id: reply.id,
    questionId: question.id,
    replacesId: null,
    replacedById: null,
    generation: 0,
    text: "",
    ending: null,
  });
}

/** A message as its GraphQL type expects it: a reply is shown as its job. Null when it was deleted meanwhile. */
export async function shown(context: Context, message: ChatMessage): Promise<object | null> {
  if (message.role === "USER") return message;
  const { userId } = signedIn(context);
  context.loaders.chatMessage.prime(message.id, { ...message, userId });
  const job = await context.loaders.job.load(message.id);
  return job?.userId === userId ? job : null;
}
