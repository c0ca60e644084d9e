import { setTimeout as pause } from "node:timers/promises";
import type { HttpClient } from "../../platform/http/http-client.ts";
import { isJobOver } from "../../platform/jobs/run.ts";
import { answerLost } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";
import type {
  HeldTurn,
  ProviderTurns,
  TurnRequest,
} from "../../platform/resilience/provider-turns.ts";
import {
  cancellationSchema,
  creationSchema,
  DASHSCOPE,
  isEnded,
  refusalInBody,
  save,
  SPACING_MS,
  surelyRefused,
  taskFailure,
  taskSchema,
  type CreatedSession,
  type DetectedSession,
  type Session,
} from "./dashscope-wire.ts";
import type { StickerRequest } from "./sticker.ts";

const SECOND_MS = 1_000;
const DEFAULT_DURATION_MS = 2_000;
/** What a task usually takes; the bar moves by it. */
const USUAL_MS = 120_000;
/** A task that takes longer is given up. */
const PATIENCE_MS = 60 * 60_000;
/** The provider itself gives a task up after this long, whoever waits for it. */
const LONGEST_MS = 3 * 60 * 60_000;
/** A task whose state stays UNKNOWN has been forgotten by the provider. */
const MAX_UNKNOWN = 20;
/** A task whose id is lost cannot be asked for: the next one waits for as long as so many questions take. */
const LOST_POLLS = 8;

export interface TaskOptions {
  readonly http: HttpClient;
  readonly guard: ProviderGuard;
  readonly turns: ProviderTurns;
  readonly pollMs: number;
}

/** A film at the provider's. */
export interface Film {
  readonly url: string;
  readonly durationMs: number;
}

/**
 * Tasks at the provider, one at a time for the whole account. The turn is kept until the task is known to have ended,
 * whatever becomes of the job: a task that nobody follows any more is looked after by the next in line.
 */
export class DashScopeTasks {
  constructor(private readonly options: TaskOptions) {}

  /** Waits for its turn, creates the task unless an earlier attempt has, and follows it to its end. */
  run(request: StickerRequest, session: Session): Promise<Film> {
    const { turns } = this.options;
    const turn = this.turnOf(request);
    if (session.step === "CREATED") {
      return turns.resume(turn, (held) => this.follow(request, session, held));
    }
    if (session.step === "CREATING") {
      // An earlier attempt died while the request was on its way.
      return turns.resume(turn, () => Promise.reject(answerLost(DASHSCOPE)));
    }
    return turns.take(turn, async (held) =>
      this.follow(request, await this.create(request, session, held), held),
    );
  }

  private turnOf({ jobId: holder, signal }: StickerRequest): TurnRequest {
    let nextLookMs = 0;
    let unknown = 0;
    return {
      provider: DASHSCOPE,
      holder,
      spacingMs: SPACING_MS,
      signal,
      hasEnded: async (taskId) => {
        if (Date.now() < nextLookMs) return false;
        nextLookMs = Date.now() + this.options.pollMs;
        const look = await this.task(taskId, signal, 0).catch(() => null);
        const status = look?.output.task_status ?? "";
        if (status === "UNKNOWN") unknown++;
        return isEnded(status) || unknown >= MAX_UNKNOWN;
      },
    };
  }

  private async create(
    request: StickerRequest,
    session: DetectedSession,
    held: HeldTurn,
  ): Promise<CreatedSession> {
    const { face, around } = session;
    held.signal.throwIfAborted();
    const imageUrl = await request.imageUrl();
    await held.keep(LOST_POLLS * this.options.pollMs);
    await save(request, { step: "CREATING", face, around });
    try {
      const taskId = await this.send(imageUrl, request.motion, session);
      return { step: "CREATED", face, around, taskId, createdAtMs: Date.now() };
    } catch (error) {
      if (!(error instanceof ProviderError && surelyRefused(error))) throw answerLost(DASHSCOPE);
      held.end();
      await save(request, session);
      throw error;
    }
  }

  /** Not stopped with its job: the answer is what tells which task to cancel. */
  private async send(
    imageUrl: string,
    motion: string,
    { face, around }: DetectedSession,
  ): Promise<string> {
    const call = { operation: "create", repeatable: false, retries: 0 };
    const answer = await this.options.guard.run(call, (signal) =>
      this.options.http.json({
        method: "POST",
        path: "services/aigc/image2video/video-synthesis",
        headers: { "x-dashscope-async": "enable" },
        body: {
          model: "emoji-v1",
          input: { image_url: imageUrl, driven_id: motion, face_bbox: face, ext_bbox: around },
        },
        schema: creationSchema,
        refusal: refusalInBody,
        signal,
      }),
    );
    return answer.output.task_id;
  }

  private async follow(
    request: StickerRequest,
    session: CreatedSession,
    held: HeldTurn,
  ): Promise<Film> {
    const { taskId } = session;
    try {
      await Promise.all([save(request, session), held.keep(LONGEST_MS, taskId)]);
      return await this.film(request, session, held);
    } catch (error) {
      const isGivenUp = error instanceof TookTooLong;
      if ((isGivenUp || isJobOver(request.signal)) && (await this.cancel(taskId))) held.end();
      throw isGivenUp ? answerLost(DASHSCOPE) : error;
    }
  }

  private async film(
    request: StickerRequest,
    session: CreatedSession,
    held: HeldTurn,
  ): Promise<Film> {
    const began = Date.now();
    for (let unknown = 0; unknown < MAX_UNKNOWN;) {
      const { output, usage } = await this.task(session.taskId, held.signal);
      const { task_status: status, video_url: url } = output;
      if (isEnded(status)) held.end();
      if (status === "SUCCEEDED" && url !== undefined) {
        return { url, durationMs: secondsToMs(usage?.video_duration) };
      }
      if (isEnded(status)) {
        const failure = taskFailure(output.code);
        if (failure.outcome === "retryable") await save(request, { ...session, step: "DETECTED" });
        throw failure;
      }
      if (status === "UNKNOWN") unknown++;
      if (Date.now() > session.createdAtMs + PATIENCE_MS) throw new TookTooLong();
      request.onProgress(Math.min(0.95, (Date.now() - began) / USUAL_MS));
      await pause(this.options.pollMs, undefined, { signal: held.signal });
    }
    held.end();
    throw answerLost(DASHSCOPE);
  }

  private task(taskId: string, signal: AbortSignal, retries?: number) {
    const call = { operation: "poll", repeatable: true, signal };
    return this.options.guard.run(
      { ...call, ...(retries === undefined ? {} : { retries }) },
      (attempt) =>
        this.options.http.json({
          method: "GET",
          path: `tasks/${encodeURIComponent(taskId)}`,
          schema: taskSchema,
          refusal: refusalInBody,
          signal: attempt,
        }),
    );
  }

  /** Whether the task was canceled: only one that the provider has not begun can be. */
  private cancel(taskId: string): Promise<boolean> {
    return this.options.guard
      .run({ operation: "cancel", repeatable: true }, (signal) =>
        this.options.http.json({
          method: "POST",
          path: `tasks/${encodeURIComponent(taskId)}/cancel`,
          schema: cancellationSchema,
          repeatable: true,
          signal,
        }),
      )
      .then(
        () => true,
        () => false,
      );
  }
}

class TookTooLong extends Error {}

const secondsToMs = (seconds: number | undefined): number =>
  seconds === undefined ? DEFAULT_DURATION_MS : seconds * SECOND_MS;
