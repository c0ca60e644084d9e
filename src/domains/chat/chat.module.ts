import type { Redis } from "ioredis";
import type { Database } from "../../platform/db/database.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import type { Streams } from "../../platform/graphql/streams.ts";
import { registerOwnedNode } from "../../platform/graphql/node.ts";
import type { JobWatchers } from "../../platform/jobs/job-watchers.ts";
import type { JobKind } from "../../platform/jobs/job-kind.ts";
import type { DomainModule, QueueTask } from "../../platform/module.ts";
import { merged } from "../../platform/realtime/merged.ts";
import { Sweep } from "../../platform/realtime/sweep.ts";
import { VersionedCache } from "../../platform/redis/versioned-cache.ts";
import type { QuotaService } from "../billing/index.ts";
import {
  ChatMessageEventResolver,
  ChatReplyResolver,
  ChatroomEventResolver,
} from "./chat-fields.resolver.ts";
import { replyInputSchema, type ReplyInput } from "./replies/reply.input.ts";
import { createChatLoaders } from "./chat.loaders.ts";
import { createChatPersonalData } from "./chat.personal-data.ts";
import "./chat.problems.ts";
import {
  ChatMessageAddedResolver,
  ChatReplyStreamedResolver,
  ChatResolver,
} from "./chat.resolver.ts";
import { ChatService, type ChatDependencies } from "./chat.service.ts";
import { ChatStreams, type ReplyFrame } from "./chat.streams.ts";
import type { ChatMessageAddedArgs, ChatReplyStreamedArgs } from "./chat.types.ts";
import {
  CHAT_REPLY,
  CHATROOM_PREFIX,
  MESSAGE_PREFIX,
  REPLY_PREFIX,
  WITHDRAWING_FAILURES,
} from "./chat.vocabulary.ts";
import { createBackgroundOf, type BackgroundSources } from "./replies/skin-background.ts";
import { Conversation, SUMMARIZE_TASK, TITLE_TASK } from "./replies/conversation.ts";
import { MessagesRepository, type ChatMessage } from "./messages.repository.ts";
import { RepliesRepository } from "./replies/replies.repository.ts";
import { ReplyPipeline } from "./replies/reply.pipeline.ts";
import { RoomsRepository } from "./rooms/rooms.repository.ts";
import { ChatroomResolver, RoomsResolver } from "./rooms/rooms.resolver.ts";
import { RoomsService, type RoomsDependencies } from "./rooms/rooms.service.ts";

const MAX_ATTEMPTS = 4;
const LIST_SECONDS = 300;

declare module "../../platform/graphql/streams.ts" {
  interface Streams {
    chatReply(
      context: Context,
      args: ChatReplyStreamedArgs,
    ): Promise<AsyncIterableIterator<ReplyFrame>>;
    chatMessages(
      context: Context,
      args: ChatMessageAddedArgs,
    ): Promise<AsyncIterableIterator<ChatMessage>>;
  }
}

type Repositories = "rooms" | "messages" | "replies";

export interface ChatModuleDependencies
  extends
    Omit<ChatDependencies, Repositories>,
    Omit<RoomsDependencies, Repositories | "cache">,
    BackgroundSources,
    Pick<ConstructorParameters<typeof Conversation>[0], "contextTokens" | "hashUser" | "log"> {
  readonly database: Database;
  readonly redis: Redis;
  readonly jobWatchers: JobWatchers;
  /** A reply that takes longer fails. */
  readonly deadlineMs: number;
}

/** Chat, put together. */
export interface ChatModule extends DomainModule {
  /** Lets go of timers. */
  close(): void;
}

/** Puts chat together. */
export function createChatModule(dependencies: ChatModuleDependencies): ChatModule {
  const { database, redis } = dependencies;
  const stores = {
    rooms: new RoomsRepository(database),
    messages: new MessagesRepository(database),
    replies: new RepliesRepository(database),
  };
  const { rooms, messages, replies } = stores;
  const cache = new VersionedCache<Awaited<ReturnType<typeof rooms.page>>["value"]>({
    redis,
    prefix: "chatrooms",
    ttlSeconds: LIST_SECONDS,
  });
  const roomsService = new RoomsService({ ...dependencies, ...stores, cache });
  const chat = new ChatService({ ...dependencies, ...stores });
  const backgroundOf = createBackgroundOf(dependencies);
  const conversation = new Conversation({ ...dependencies, ...stores, roomsService, backgroundOf });
  const append = merged((pieces: Parameters<typeof replies.append>[0]) => replies.append(pieces));
  const { stopSweep, ...sweeps } = sweepsOver(stores, dependencies);
  const pipeline = new ReplyPipeline({
    ...dependencies,
    ...stores,
    conversation,
    append,
    stopSweep,
  });
  const streams = new ChatStreams({
    ...stores,
    chat,
    rooms: roomsService,
    jobWatchers: dependencies.jobWatchers,
    ...sweeps,
  });
  registerChatNodes();
  return {
    resolvers: resolversOf(chat, roomsService),
    loaders: () => createChatLoaders(rooms, messages, replies),
    streams: openedBy(streams),
    jobKinds: [replyKind(dependencies, chat, pipeline)],
    tasks: tasksOf(conversation),
    personalData: createChatPersonalData({ ...dependencies, ...stores, roomsService }),
    close: () => {
      for (const sweep of [stopSweep, ...Object.values(sweeps)]) sweep.close();
    },
  };
}

const sweepsOver = (
  { rooms, replies }: { rooms: RoomsRepository; replies: RepliesRepository },
  { nudges, log }: Pick<ChatModuleDependencies, "nudges" | "log">,
) => ({
  textSweep: new Sweep((ids) => replies.revisions(ids), nudges, log),
  roomSweep: new Sweep((ids) => rooms.lastSeqs(ids), nudges, log),
  stopSweep: new Sweep((ids) => replies.stopRequests(ids), nudges, log),
});

const resolversOf = (chat: ChatService, rooms: RoomsService): object[] => [
  new RoomsResolver(rooms),
  new ChatroomResolver(chat),
  new ChatResolver(chat),
  new ChatReplyResolver(),
  new ChatReplyStreamedResolver(),
  new ChatMessageAddedResolver(),
  new ChatroomEventResolver(),
  new ChatMessageEventResolver(),
];

const openedBy = (streams: ChatStreams): Pick<Streams, "chatReply" | "chatMessages"> => ({
  chatReply: (context, { id, generation, fromOffset }) =>
    streams.reply(signedIn(context).userId, id, {
      generation: generation ?? null,
      offset: fromOffset ?? 0,
    }),
  chatMessages: (context, { chatroomId, afterSeq }) =>
    streams.messages(signedIn(context).userId, chatroomId, afterSeq ?? null),
});

function replyKind(
  { quotas, deadlineMs }: { quotas: QuotaService; deadlineMs: number },
  chat: ChatService,
  pipeline: ReplyPipeline,
): JobKind<ReplyInput> {
  return {
    kind: CHAT_REPLY,
    idPrefix: REPLY_PREFIX,
    deadlineMs,
    maxAttempts: MAX_ATTEMPTS,
    parseInput: (input) => replyInputSchema.parse(input),
    run: (job) => pipeline.run(job),
    startAgain: (job, idempotencyKey) => {
      const { language } = replyInputSchema.parse(job.input);
      const sender = { userId: job.userId, language };
      return chat.regenerate(sender, job.id, idempotencyKey, "retryJob");
    },
    onUnsuccessful: async (tx, job, outcome) => {
      const withdraw = WITHDRAWING_FAILURES.has(job.failureCode ?? "");
      const ended = await pipeline.end(tx, job.id, { ending: null, withdraw });
      // Whoever cancels what they have read in part has had a reply.
      if (outcome === "CANCELED" && (ended?.length ?? 0) > 0) return;
      await quotas.giveBack(tx, job.userId, replyInputSchema.parse(job.input).quota);
    },
  };
}

function tasksOf(conversation: Conversation): QueueTask[] {
  const roomOf = (payload: unknown) => (payload as { roomId: string }).roomId;
  return [
    { name: TITLE_TASK, run: (payload) => conversation.title(roomOf(payload)) },
    { name: SUMMARIZE_TASK, run: (payload) => conversation.summarize(roomOf(payload)) },
  ];
}

function registerChatNodes(): void {
  registerOwnedNode(REPLY_PREFIX, "ChatReply", (loaders) => loaders.job);
  registerOwnedNode(MESSAGE_PREFIX, "UserMessage", (loaders) => loaders.chatMessage);
  registerOwnedNode(CHATROOM_PREFIX, "Chatroom", (loaders) => loaders.chatroom);
}
