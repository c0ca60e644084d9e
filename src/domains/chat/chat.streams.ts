import { badUserInput, notFound } from "../../platform/graphql/errors.ts";
import { followLog } from "../../platform/realtime/follow-log.ts";
import {
  followText,
  type TextFrame,
  type TextPosition,
} from "../../platform/realtime/follow-text.ts";
import { merged } from "../../platform/realtime/merged.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobWatchers } from "../../platform/jobs/job-watchers.ts";
import type { Sweep, SweptWatcher } from "../../platform/realtime/sweep.ts";
import { replyTopic, roomTopic } from "./chat.vocabulary.ts";
import type { ChatService } from "./chat.service.ts";
import type { ChatMessage, MessagesRepository } from "./messages.repository.ts";
import type { RepliesRepository, TextBeyond } from "./replies/replies.repository.ts";
import type { RoomsService } from "./rooms/rooms.service.ts";

export interface ChatStreamsDependencies {
  readonly chat: ChatService;
  readonly rooms: RoomsService;
  readonly messages: MessagesRepository;
  readonly replies: RepliesRepository;
  /** Nobody is told about the end of a reply who reads along. */
  readonly jobWatchers: JobWatchers;
  /** Sweeps over the replies whose text is followed in this process. */
  readonly textSweep: Sweep;
  /** Sweeps over the rooms whose messages are followed in this process. */
  readonly roomSweep: Sweep;
}

/** What a subscriber of a reply is sent. */
export interface ReplyFrame extends TextFrame {
  /** The reply with at least this text; null when it was deleted since. */
  reply(): Promise<Job | null>;
}

/** Brings texts to screens while they are written, and messages as they are added. */
export class ChatStreams {
  /** Reads what many followers wait for in one statement. */
  private readonly beyond: (reader: {
    id: string;
    from: TextPosition;
  }) => Promise<TextBeyond | null>;

  constructor(private readonly dependencies: ChatStreamsDependencies) {
    this.beyond = merged((readers) => dependencies.replies.beyond(readers));
  }

  /** Follows the text of a reply from a position to its end. @throws NOT_FOUND, BAD_USER_INPUT */
  async reply(
    userId: string,
    id: string,
    from: TextPosition,
  ): Promise<AsyncIterableIterator<ReplyFrame>> {
    if (from.offset < 0) throw badUserInput("fromOffset must not be negative.", ["fromOffset"]);
    const { chat, textSweep, jobWatchers } = this.dependencies;
    const job = await chat.findReply(userId, id);
    if (!job) throw notFound("The reply");
    const since = this.jobSince(job);
    let jobVersion: number | null = null;
    let place: SweptWatcher | null = null;
    let sawEnd = false;
    const frames = followText({
      from,
      listen: async (onNudge) => {
        const stopWatching = jobWatchers.add(id);
        const swept = (place = await textSweep.listen(id, replyTopic(id), onNudge));
        return () => {
          stopWatching(sawEnd);
          swept.stop();
        };
      },
      read: async (position) => {
        const reading = await this.beyond({ id, from: position });
        if (reading) place?.saw(reading.revision);
        sawEnd = reading?.isFinal ?? false;
        jobVersion = reading?.jobVersion ?? null;
        return reading;
      },
    });
    return mapped(frames, (frame) => {
      const version = jobVersion;
      return { ...frame, reply: () => since(version) };
    });
  }

  /** Tells the job of a version or a later one: most frames find it as it was, and it is not looked up again. */
  private jobSince(first: Job): (version: number | null) => Promise<Job | null> {
    let known: Job | null = first;
    return async (version) => {
      if (version === null || known === null || known.version < version) {
        known = await this.dependencies.chat.findReply(first.userId, first.id);
      }
      return known;
    };
  }

  /** Follows the messages of a room without end. @param afterSeq The last one that the client has. @throws NOT_FOUND */
  async messages(
    userId: string,
    roomId: string,
    afterSeq: number | null,
  ): Promise<AsyncIterableIterator<ChatMessage>> {
    if (afterSeq !== null && afterSeq < 0) {
      throw badUserInput("afterSeq must not be negative.", ["afterSeq"]);
    }
    const { rooms, messages, roomSweep } = this.dependencies;
    const room = await rooms.find(userId, roomId);
    if (!room) throw notFound("The chatroom");
    return followLog<ChatMessage>({
      after: afterSeq ?? room.lastSeq,
      positionOf: ({ seq }) => seq,
      readAfter: (seq) => messages.after(roomId, seq),
      listen: (onNudge) => roomSweep.listen(roomId, roomTopic(roomId), onNudge),
    });
  }
}

/** The same iterator with other values; by hand, because an async generator would not end at once when it is left. */
function mapped<A, B>(source: AsyncIterableIterator<A>, map: (value: A) => B) {
  const stop = async (): Promise<IteratorResult<B>> => {
    await source.return?.();
    return { done: true, value: undefined };
  };
  const target: AsyncIterableIterator<B> = {
    [Symbol.asyncIterator]: () => target,
    next: async () => {
      const result = await source.next();
      if (result.done === true) return { done: true, value: undefined };
      return { done: false, value: map(result.value) };
    },
    return: stop,
    throw: async (error: unknown) => {
      await stop();
      throw error;
    },
  };
  return target;
}
