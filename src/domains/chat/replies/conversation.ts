import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { Assistants } from "./assistants.ts";
import type { BackgroundOf } from "./skin-background.ts";
import type { BegunReply, EndedReply } from "./replies.repository.ts";
import type { ReplyInput } from "./reply.input.ts";
import type { AssistantMessage, SkinBackground } from "../chat.ports.ts";
import type { MessagesRepository, SaidMessage } from "../messages.repository.ts";
import type { RoomsRepository } from "../rooms/rooms.repository.ts";
import type { RoomsService } from "../rooms/rooms.service.ts";

/** The queue's task that sums up what has grown too long. */
export const SUMMARIZE_TASK = "summarize_chat";
/** The queue's task that names a room by its first exchange. */
export const TITLE_TASK = "title_chat";
/** A summary is made before the budget is used up, and leaves so much of it word by word. */
const SUMMARIZE_FROM = 0.75;
const KEEP_SHARE = 0.5;
/** So many budgets are summed up at once. */
const FOLD_SHARE = 2;
const MAX_SUMMARY = 8_000;
const MAX_TITLE = 60;
const TASK_TIMEOUT_MS = 60_000;

export interface ConversationDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly rooms: RoomsRepository;
  readonly messages: MessagesRepository;
  readonly roomsService: RoomsService;
  readonly assistants: Assistants;
  /** Tokens of messages that an assistant is told word by word; a token is about four bytes. */
  readonly contextTokens: number;
  /** A stable pseudonym of a user, for whoever runs an assistant. */
  readonly hashUser: (userId: string) => string;
  readonly backgroundOf: BackgroundOf;
  readonly log: Logger;
}

/** What an assistant is told: the newest messages that fit, and a summary of what was before. */
export class Conversation {
  constructor(private readonly dependencies: ConversationDependencies) {}

  /** Everything that a reply answers to. */
  async before(
    input: ReplyInput,
    { seq, room }: Pick<BegunReply, "seq" | "room">,
  ): Promise<{
    messages: AssistantMessage[];
    summary: string | null;
    background: SkinBackground | null;
    userHash: string;
  }> {
    const { messages, contextTokens, backgroundOf, hashUser } = this.dependencies;
    const said = await messages.newestSaid(input.roomId, {
      afterSeq: room.upToSeq,
      beforeSeq: seq,
      tokens: contextTokens,
      exceptRepliesTo: input.questionId,
    });
    return {
      messages: said.map(asTold),
      summary: room.text === "" ? null : room.text,
      background: await backgroundOf(room.assistant, room.userId),
      userHash: hashUser(room.userId),
    };
  }

  /** In the transaction that ends a reply: has the room named or summed up where it is due. */
  async afterReply(
    tx: Tx,
    { roomId, replyId }: { roomId: string; replyId: string },
    { isNamed, tokens }: Pick<EndedReply, "isNamed" | "tokens">,
  ): Promise<void> {
    const { rooms, contextTokens } = this.dependencies;
    if (!isNamed) await rooms.addTask(tx, TITLE_TASK, { roomId, replyId });
    if (tokens > contextTokens * SUMMARIZE_FROM) {
      await rooms.addTask(tx, SUMMARIZE_TASK, { roomId });
    }
  }

  /** Folds what is oldest into the summary of a room. Harmless when done twice. */
  async summarize(roomId: string): Promise<void> {
    const { rooms, messages, assistants, contextTokens, hashUser } = this.dependencies;
    const former = await rooms.summaryOf(roomId);
    if (!former) return;
    const said = await messages.saidAfter(roomId, former.upToSeq);
    const folded = oldest(said, contextTokens * KEEP_SHARE, contextTokens * FOLD_SHARE);
    const last = folded.at(-1);
    if (!last) return;
    const text = await assistants[former.assistant].assistant.summarize({
      messages: folded.map(asTold),
      summary: former.text === "" ? null : former.text,
      userHash: hashUser(former.userId),
      signal: AbortSignal.timeout(TASK_TIMEOUT_MS),
    });
    await rooms.saveSummary(roomId, former, {
      text: storable(text, MAX_SUMMARY),
      upToSeq: last.seq,
    });
  }

  /** Names a room by its first exchange, unless it has a name by now. A room without a title is no failure. */
  async title(roomId: string): Promise<void> {
    const { rooms, messages, assistants, unitOfWork, roomsService, log } = this.dependencies;
    const room = (await rooms.byIds([roomId]))[0];
    if (!room || room.isNamed) return;
    const said = await messages.saidAfter(roomId, 0);
    const question = said.find(({ role }) => role === "USER");
    const answer = said.find(({ role }) => role === "ASSISTANT");
    if (!question || !answer) return;
    const given = await assistants[room.assistant].assistant
      .title({
        question: question.text,
        answer: answer.text,
        userHash: this.dependencies.hashUser(room.userId),
        signal: AbortSignal.timeout(TASK_TIMEOUT_MS),
      })
      .catch((error: unknown) => {
        // Asked again it would refuse again; the next reply gives another chance.
        if (!(error instanceof ProviderError) || error.outcome === "retryable") throw error;
        log.info({ roomId, code: error.code }, "a chatroom stays without a title");
        return "";
      });
    const name = storable(given.replaceAll(/\s+/g, " ").trim(), MAX_TITLE);
    if (name === "") return;
    await unitOfWork.run((tx) => roomsService.entitle(tx, room.id, name));
  }
}

const asTold = ({ role, text }: SaidMessage): AssistantMessage => ({ role, text });

/** All but the newest that fit `keep` tokens; of those the oldest that fit `most`, at least one. */
function oldest(said: readonly SaidMessage[], keep: number, most: number): SaidMessage[] {
  let kept = 0;
  let end = said.length;
  while (end > 0 && kept + (said[end - 1]?.tokens ?? 0) <= keep) {
    end -= 1;
    kept += said[end]?.tokens ?? 0;
  }
  let taken = 0;
  const folded = said.slice(0, end);
  const fits = folded.findIndex(({ tokens }) => (taken += tokens) > most);
  return fits < 0 ? folded : folded.slice(0, Math.max(1, fits));
}

/** At most so many UTF-16 code units, without half of a pair. */
const storable = (text: string, length: number): string =>
  text
    .slice(0, length)
    .replace(/[\uD800-\uDBFF]$/, "")
    .toWellFormed()
    .replaceAll("\0", "")
    .trim();
