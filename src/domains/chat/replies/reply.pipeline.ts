import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { JobLost } from "../../../platform/jobs/run.ts";
import type { RunningJob } from "../../../platform/jobs/job-kind.ts";
import type { Nudges } from "../../../platform/realtime/nudges.ts";
import type { Sweep } from "../../../platform/realtime/sweep.ts";
import type { Assistants } from "./assistants.ts";
import type { ReplyInput } from "./reply.input.ts";
import { replyTopic, stopTopic, type ChatReplyEnding } from "../chat.vocabulary.ts";
import type { Conversation } from "./conversation.ts";
import type {
  Append,
  Appended,
  BegunReply,
  EndedReply,
  RepliesRepository,
} from "./replies.repository.ts";
import { ReplyWriter } from "./reply-writer.ts";

export interface ReplyPipelineDependencies {
  readonly replies: RepliesRepository;
  readonly conversation: Conversation;
  readonly assistants: Assistants;
  readonly nudges: Nudges;
  /** Finds replies that were stopped while nothing of them came, and whose nudge was lost. */
  readonly stopSweep: Sweep;
  /** Stores a piece, together with those of other replies. */
  readonly append: (piece: Append) => Promise<Appended>;
}

type ReplyJob = RunningJob<ReplyInput>;

/** Somebody stopped the reply. */
class StoppedByUser extends Error {}

/** Writes replies: asks the assistant and stores what it says while it speaks. */
export class ReplyPipeline {
  constructor(private readonly dependencies: ReplyPipelineDependencies) {}

  /** Runs one attempt. Whatever an earlier attempt has stored is void, unless the user has stopped the reply since. */
  async run(job: ReplyJob): Promise<void> {
    const begun = await this.dependencies.replies.begin(job.id, job.attempt);
    if (!begun) throw new JobLost(job.id);
    if (begun.length > 0) return this.succeed(job, "STOPPED");
    const stop = new AbortController();
    const onStop = () => {
      stop.abort(new StoppedByUser());
    };
    const writer = this.writerOf(job, begun.generation, onStop);
    const stopWatching = await this.watchForStop(job.id, onStop);
    try {
      const ending = await this.stream(job, begun, writer, stop.signal);
      await this.succeed(job, ending);
    } finally {
      stopWatching();
    }
  }

  /** In the transaction that ends a job: its text becomes the message, and whoever reads it learns that it is the end. */
  async end(
    tx: Tx,
    id: string,
    end: { ending: ChatReplyEnding | null; withdraw?: boolean },
  ): Promise<EndedReply | null> {
    const { replies, nudges } = this.dependencies;
    const ended = await replies.finish(tx, id, end);
    tx.afterCommit(() => {
      nudges.send(replyTopic(id));
    });
    return ended;
  }

  private async stream(
    job: ReplyJob,
    begun: BegunReply,
    writer: ReplyWriter,
    stopped: AbortSignal,
  ): Promise<ChatReplyEnding> {
    const { conversation, assistants } = this.dependencies;
    const said = await conversation.before(job.input, begun);
    const { assistant } = assistants[begun.room.assistant];
    const signal = AbortSignal.any([job.signal, stopped]);
    let ending: ChatReplyEnding | null = null;
    try {
      for await (const part of assistant.reply({
        ...said,
        language: job.input.language,
        signal,
      })) {
        // Of both together it would be reckoned for each part.
        job.signal.throwIfAborted();
        stopped.throwIfAborted();
        if (part.text === undefined) ending = part.ending;
        else writer.push(part.text);
        if (writer.isFull) ending = "LENGTH";
        if (ending !== null) break;
      }
    } catch (error) {
      // Also a stream that fails because it is being stopped has been stopped.
      if (!stopped.aborted || job.signal.aborted) throw await this.withRestStored(writer, error);
      ending = "STOPPED";
    }
    await writer.finish();
    if (ending === null) throw new Error("The assistant stopped talking without an ending.");
    return ending;
  }

  /** What came before a failure is kept, too: it is shown until the reply is tried again. */
  private async withRestStored(writer: ReplyWriter, error: unknown): Promise<unknown> {
    await writer.finish().catch(() => undefined);
    return error;
  }

  private writerOf(job: ReplyJob, generation: number, onStopRequested: () => void): ReplyWriter {
    const { append, nudges } = this.dependencies;
    return new ReplyWriter({
      id: job.id,
      generation,
      append,
      onStored: () => {
        nudges.send(replyTopic(job.id));
      },
      onStopRequested,
    });
  }

  /** Each stored piece tells by itself whether the reply was stopped; this is for the time between two. */
  private async watchForStop(id: string, onStop: () => void): Promise<() => void> {
    const { replies, stopSweep } = this.dependencies;
    const ask = () => {
      replies.stopRequests([id]).then(
        (requested) => {
          if (requested.has(id)) onStop();
        },
        // The sweep asks again.
        () => undefined,
      );
    };
    const swept = await stopSweep.listen(id, stopTopic(id), ask);
    return () => {
      swept.stop();
    };
  }

  private async succeed(job: ReplyJob, ending: ChatReplyEnding): Promise<void> {
    const { conversation } = this.dependencies;
    await job.succeed(async (tx) => {
      const ended = await this.end(tx, job.id, { ending });
      const where = { roomId: job.input.roomId, replyId: job.id };
      if (ended) await conversation.afterReply(tx, where, ended);
    });
  }
}
