import type { Tx, UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Feed } from "../../platform/events/feed.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import type { Language } from "../../platform/graphql/context.ts";
import { badUserInput, notFound } from "../../platform/graphql/errors.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import { Idempotency } from "../../platform/jobs/idempotency.ts";
import { isFinished, type Job } from "../../platform/jobs/job.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import type { RateLimit, RateLimiter } from "../../platform/redis/rate-limiter.ts";
import type { QuotaService } from "../billing/index.ts";
import type { Assistants } from "./replies/assistants.ts";
import type { ReplyInput } from "./replies/reply.input.ts";
import { refuseMessage, refuseRegeneration } from "./chat.problems.ts";
import {
  CHAT_MESSAGE_TOPIC,
  CHAT_REPLY,
  MESSAGE_PREFIX,
  roomTopic,
  stopTopic,
} from "./chat.vocabulary.ts";
import type { ChatMessage, MessagesRepository } from "./messages.repository.ts";
import type { RepliesRepository } from "./replies/replies.repository.ts";
import type { Chatroom, RoomsRepository } from "./rooms/rooms.repository.ts";

const MAX_CONTENT = 8_000;
/** Replies of a room that may be unfinished at once. */
const MAX_WAITING = 20;

/** Who writes. */
export interface Sender {
  readonly userId: string;
  readonly language: Language;
}

/** What one call adds to a room. */
interface Addition {
  readonly questionId: string;
  /** What the user wrote; null when an earlier message is answered anew. */
  readonly content: string | null;
  readonly replacesId: string | null;
  readonly language: Language;
}

/** What was added to a room. */
interface Added {
  /** The question, if it is new, and the reply. */
  readonly messages: readonly ChatMessage[];
  readonly reply: Job;
}

/** What the answer to a message shows. */
export interface SentMessage {
  readonly messageId: string;
  readonly reply: Job;
  /** Both as they are now; none when an earlier call has stored them. */
  readonly added: readonly ChatMessage[];
}

export interface ChatDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly rooms: RoomsRepository;
  readonly messages: MessagesRepository;
  readonly replies: RepliesRepository;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly idempotency: Idempotency;
  readonly quotas: QuotaService;
  readonly assistants: Assistants;
  readonly ids: Ids;
  readonly feed: Feed;
  readonly nudges: Nudges;
  readonly rateLimiter: RateLimiter;
  /** Messages and new replies per user. */
  readonly messageLimit: RateLimit;
}

/** Takes messages, stops replies and has them written anew. */
export class ChatService {
  constructor(private readonly dependencies: ChatDependencies) {}

  /**
   * Stores a message and queues its reply; both, the counted quota and the lines of the feed in one transaction.
   * Refuses with QUOTA_EXCEEDED and CHATROOM_BUSY. @throws NOT_FOUND, BAD_USER_INPUT, RATE_LIMITED, IDEMPOTENCY_MISMATCH.
   */
  async send(
    sender: Sender,
    wish: { chatroomId: string; content: string; idempotencyKey: string | null },
  ): Promise<SentMessage> {
    const { unitOfWork, idempotency, rooms, ids } = this.dependencies;
    const { userId, language } = sender;
    const { idempotencyKey: key, ...input } = wish;
    Idempotency.checkKey(key);
    checkContent(wish.content);
    const call = { userId, key, operation: "sendMessage", input };
    let sent = await idempotency.find<{ messageId: string; replyId: string }>(call);
    let added = null as Added | null;
    if (!sent) {
      await this.limit(userId);
      sent = await unitOfWork.run((tx) => {
        added = null;
        return idempotency.once(tx, call, async () => {
          const room = await rooms.lock(tx, userId, wish.chatroomId);
          if (!room) throw notFound("The chatroom");
          const questionId = ids.next(MESSAGE_PREFIX);
          const { content } = wish;
          added = await this.add(tx, room, { questionId, content, replacesId: null, language });
          return { messageId: questionId, replyId: added.reply.id };
        });
      });
    }
    return {
      messageId: sent.messageId,
      reply: added?.reply ?? (await this.owned(userId, sent.replyId)),
      added: added?.messages ?? [],
    };
  }

  /**
   * Has the last reply of a room written anew, as a new message beside it; counts like a message.
   * Refuses with QUOTA_EXCEEDED and with REPLY_NOT_LAST. @throws NOT_FOUND
   */
  async regenerate(
    sender: Sender,
    replyId: string,
    idempotencyKey: string | null,
    operation = "regenerateReply",
  ): Promise<Job> {
    const { unitOfWork, idempotency, messages, rooms, replies } = this.dependencies;
    Idempotency.checkKey(idempotencyKey);
    const { userId } = sender;
    const call = { userId, key: idempotencyKey, operation, input: { id: replyId } };
    let made = await idempotency.find<{ id: string }>(call);
    let added = null as Added | null;
    if (!made) {
      const [message] = await messages.byIds([replyId]);
      if (message?.userId !== userId) throw notFound("The reply");
      if (message.role !== "ASSISTANT") refuseRegeneration();
      await this.limit(userId);
      made = await unitOfWork.run((tx) => {
        added = null;
        return idempotency.once(tx, call, async () => {
          const room = await rooms.lock(tx, userId, message.roomId);
          if (!room) throw notFound("The reply");
          const ended = await replies.endedReply(tx, replyId);
          if (!ended || (await messages.last(tx, room.id))?.id !== replyId) refuseRegeneration();
          const addition = { content: null, replacesId: replyId, language: sender.language };
          added = await this.add(tx, room, { ...addition, ...ended });
          return { id: added.reply.id };
        });
      });
    }
    return added?.reply ?? this.owned(userId, made.id);
  }

  /**
   * Stops a reply: what has come is the reply, and it has succeeded; one of which nothing has come is canceled. It is
   * stopped as soon as the worker notices, also while it waits for its next try. A reply that has ended is left as it is. @throws NOT_FOUND
   */
  async stop(userId: string, id: string): Promise<Job> {
    const { unitOfWork, jobs } = this.dependencies;
    const job = await this.owned(userId, id);
    if (isFinished(job)) return job;
    const isStopping = await unitOfWork.run((tx) => this.requestStop(tx, userId, id));
    return isStopping ? this.owned(userId, id) : jobs.cancel(userId, id);
  }

  /** False when nothing of the reply has come. */
  private async requestStop(tx: Tx, userId: string, id: string): Promise<boolean> {
    const { replies, nudges, jobRepository } = this.dependencies;
    const job = await jobRepository.lockOwned(tx, userId, id);
    if (!(await replies.requestStop(tx, id))) return false;
    const isWaiting = job?.status === "QUEUED" && job.lane !== null;
    const head = isWaiting ? await jobRepository.headOfLane(tx, job.lane) : null;
    // The next try ends the reply with what it has: it need not be waited for.
    if (head?.id === id) await jobRepository.enqueue(tx, head, head.slot);
    tx.afterCommit(() => {
      nudges.send(stopTopic(id));
    });
    return true;
  }

  /** The reply if it is this user's, else null. */
  async findReply(userId: string, id: string): Promise<Job | null> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    return job?.kind === CHAT_REPLY ? job : null;
  }

  /** A page of a room's messages, oldest first. */
  page(roomId: string, page: PageRequest): Promise<ChatMessage[]> {
    const beyond = page.beyond?.[0] ?? null;
    if (beyond !== null && !Number.isSafeInteger(beyond)) {
      throw badUserInput("This cursor does not belong to this list.", ["after"]);
    }
    return this.dependencies.messages.page(roomId, {
      ...page,
      beyond: beyond === null ? null : Number(beyond),
    });
  }

  /** Adds a question, unless it is there already, and a reply that waits for its turn. The room must be locked. */
  private async add(tx: Tx, room: Chatroom, addition: Addition): Promise<Added> {
    const { quotas, messages, jobs, assistants, feed, nudges } = this.dependencies;
    const { userId, id: roomId } = room;
    const { language, ...turn } = addition;
    const quota = await quotas.take(tx, userId, assistants[room.assistant].limit);
    const replyId = jobs.newId(CHAT_REPLY);
    const added = await messages.addTurn(tx, { ...turn, roomId, replyId });
    const { question, reply, waiting } = added;
    if (waiting >= MAX_WAITING) refuseMessage(waiting);
    const input: ReplyInput = { roomId, questionId: turn.questionId, language, quota };
    const job = await jobs.start(tx, {
      id: replyId,
      userId,
      kind: CHAT_REPLY,
      input,
      retryOf: turn.replacesId,
      lane: { name: roomId, seq: reply.seq },
    });
    // Behind the job: the end of the reply before takes the lane first and then the feed, too.
    if (question) {
      const { id: refId, seq: version } = question;
      await feed.append(tx, userId, { topic: CHAT_MESSAGE_TOPIC, refId, version });
    }
    tx.afterCommit(() => {
      nudges.send(roomTopic(roomId));
    });
    return { messages: question ? [question, reply] : [reply], reply: job };
  }

  private limit(userId: string): Promise<void> {
    const { rateLimiter, messageLimit } = this.dependencies;
    return rateLimiter.consume(messageLimit, `user:${userId}`);
  }

  private async owned(userId: string, id: string): Promise<Job> {
    const job = await this.findReply(userId, id);
    if (!job) throw notFound("The reply");
    return job;
  }
}

function checkContent(content: string): void {
  const isTooLong = content.length > MAX_CONTENT && Array.from(content).length > MAX_CONTENT;
  if (content.trim() === "" || isTooLong) {
    throw badUserInput(`A message has 1 to ${MAX_CONTENT} characters.`, ["input", "content"]);
  }
}
