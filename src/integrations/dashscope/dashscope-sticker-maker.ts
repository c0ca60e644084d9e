import { setTimeout as pause } from "node:timers/promises";
import sharp from "sharp";
import { HttpClient } from "../../platform/http/http-client.ts";
import { answerLost, badAnswer } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";
import type { ProviderTurns } from "../../platform/resilience/provider-turns.ts";
import {
  creationSchema,
  DASHSCOPE,
  detectionSchema,
  refusalInBody,
  refusalOf,
  sessionSchema,
  taskFailure,
  taskSchema,
  type Box,
  type CreatedSession,
  type Session,
} from "./dashscope-wire.ts";
import type { FinishedSticker, StickerRequest } from "./sticker.ts";

export interface DashScopeOptions {
  /** Ends in `/api/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  /** Between two questions about a task. The provider advises 15 s. */
  readonly pollMs: number;
  readonly guard: ProviderGuard;
  readonly turns: ProviderTurns;
  /** Results may come from any address: for tests alone. */
  readonly allowInsecureUrls?: boolean;
}

const SIDE = 512;
const CREATE_SPACING_MS = 1_000;
const MAX_VIDEO_BYTES = 20 * 1024 * 1024;
const SECOND_MS = 1_000;
const DEFAULT_DURATION_MS = 2_000;
/** What a task usually takes; the bar moves by it. */
const USUAL_MS = 120_000;
/** A task whose state stays UNKNOWN has been forgotten by the provider. */
const MAX_UNKNOWN = 20;

/**
 * Makes stickers by Aliyun DashScope's models emoji-detect-v1 and emoji-v1 (Model Studio, "Emoji"). The account may run one task at a
 * time: the others wait for their turn. A task's id is stored before its state is asked for; where the answer to a creation was
 * lost, nothing is created again.
 */
export class DashScopeStickerMaker {
  private readonly http: HttpClient;

  constructor(private readonly options: DashScopeOptions) {
    this.http = new HttpClient({
      provider: DASHSCOPE,
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { authorization: `Bearer ${options.apiKey}` },
    });
  }

  /** @throws ProviderError, or the signal's reason */
  async make(request: StickerRequest): Promise<FinishedSticker> {
    const session = await this.detected(request);
    await request.onGenerating();
    const { jobId, signal } = request;
    const turn = { provider: DASHSCOPE, holder: jobId, spacingMs: CREATE_SPACING_MS, signal };
    const task = await this.options.turns.take(turn, async (held) =>
      this.finished({ ...request, signal: held }, await this.created(request, session, held)),
    );
    const { bytes } = await this.options.guard.run(
      { operation: "download", repeatable: true, signal },
      (attempt) =>
        this.http.getBytes({
          url: this.resultUrl(task.url),
          maxBytes: MAX_VIDEO_BYTES,
          signal: attempt,
        }),
    );
    return {
      file: bytes,
      contentType: "video/mp4",
      width: SIDE,
      height: SIDE,
      durationMs: task.durationMs,
      poster: await still(request.image, session.around),
    };
  }

  private async detected(request: StickerRequest): Promise<Session> {
    if (request.session !== null) return sessionSchema.parse(JSON.parse(request.session));
    const answer = await this.options.guard.run(
      { operation: "detect", repeatable: true, signal: request.signal },
      (signal) =>
        this.http.json({
          method: "POST",
          path: "services/aigc/image2video/face-detect",
          body: {
            model: "emoji-detect-v1",
            input: { image_url: request.imageUrl },
            parameters: { ratio: "1:1" },
          },
          schema: detectionSchema,
          refusal: refusalInBody,
          repeatable: true,
          signal,
        }),
    );
    if ("code" in answer.output) {
      throw refusalOf(answer.output.code) ?? badAnswer(DASHSCOPE, true, 200);
    }
    const { bbox_face: face, ext_bbox_face: around } = answer.output;
    const session: Session = { step: "DETECTED", face, around };
    await save(request, session);
    return session;
  }

  /** The task: of an earlier attempt, or a new one. */
  private async created(
    request: StickerRequest,
    session: Session,
    signal: AbortSignal,
  ): Promise<CreatedSession> {
    if (session.step === "CREATED") return session;
    // An earlier attempt died while the request was on its way.
    if (session.step === "CREATING") throw answerLost(DASHSCOPE);
    const { face, around } = session;
    await save(request, { step: "CREATING", face, around });
    try {
      const taskId = await this.create(request, session, signal);
      const created: CreatedSession = { step: "CREATED", face, around, taskId };
      await save(request, created);
      return created;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.outcome === "unknown") throw answerLost(DASHSCOPE);
      await save(request, session);
      throw error;
    }
  }

  private async create(
    { imageUrl, motion }: StickerRequest,
    { face, around }: Session,
    signal: AbortSignal,
  ): Promise<string> {
    const call = { operation: "create", repeatable: false, retries: 0, signal };
    const answer = await this.options.guard.run(call, (attempt) =>
      this.http.json({
        method: "POST",
        path: "services/aigc/image2video/video-synthesis",
        headers: { "x-dashscope-async": "enable" },
        body: {
          model: "emoji-v1",
          input: { image_url: imageUrl, driven_id: motion, face_bbox: face, ext_bbox: around },
        },
        schema: creationSchema,
        refusal: refusalInBody,
        signal: attempt,
      }),
    );
    return answer.output.task_id;
  }

  private async finished(
    request: StickerRequest,
    session: CreatedSession,
  ): Promise<{ url: string; durationMs: number }> {
    const { signal, onProgress } = request;
    const began = Date.now();
    for (let unknown = 0; unknown < MAX_UNKNOWN;) {
      const { output, usage } = await this.task(session.taskId, signal);
      const { task_status: status, video_url: url } = output;
      if (status === "SUCCEEDED" && url !== undefined) {
        const seconds = usage?.video_duration;
        return {
          url,
          durationMs: seconds === undefined ? DEFAULT_DURATION_MS : seconds * SECOND_MS,
        };
      }
      if (status === "FAILED" || status === "CANCELED") {
        const failure = taskFailure(output.code);
        if (failure.outcome === "retryable") await save(request, { ...session, step: "DETECTED" });
        throw failure;
      }
      if (status === "UNKNOWN") unknown++;
      onProgress(Math.min(0.95, (Date.now() - began) / USUAL_MS));
      await pause(this.options.pollMs, undefined, { signal });
    }
    throw answerLost(DASHSCOPE);
  }

  private task(taskId: string, signal: AbortSignal) {
    return this.options.guard.run({ operation: "poll", repeatable: true, signal }, (attempt) =>
      this.http.json({
        method: "GET",
        path: `tasks/${encodeURIComponent(taskId)}`,
        schema: taskSchema,
        refusal: refusalInBody,
        signal: attempt,
      }),
    );
  }

  /** Results are handed out by plain HTTP; their store speaks HTTPS as well. */
  private resultUrl(text: string): string {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (this.options.allowInsecureUrls && url) return url.href;
    if (url?.port !== "" || !url.hostname.endsWith(".aliyuncs.com")) {
      throw badAnswer(DASHSCOPE, false);
    }
    url.protocol = "https:";
    return url.href;
  }
}

const save = ({ saveSession }: StickerRequest, session: Session): Promise<void> =>
  saveSession(JSON.stringify(session));

async function still(image: Uint8Array, [left, top, right, bottom]: Box): Promise<Uint8Array> {
  const { width, height } = await sharp(image).metadata();
  const x = Math.max(0, Math.min(Math.floor(left), width - 1));
  const y = Math.max(0, Math.min(Math.floor(top), height - 1));
  return sharp(image)
    .extract({
      left: x,
      top: y,
      width: Math.max(1, Math.min(Math.ceil(right), width) - x),
      height: Math.max(1, Math.min(Math.ceil(bottom), height) - y),
    })
    .resize(SIDE, SIDE, { fit: "cover" })
    .webp()
    .toBuffer();
}
