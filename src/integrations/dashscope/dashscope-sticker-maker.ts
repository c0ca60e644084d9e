import sharp from "sharp";
import { HttpClient } from "../../platform/http/http-client.ts";
import { answerLost, badAnswer } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";
import type { ProviderTurns } from "../../platform/resilience/provider-turns.ts";
import { DashScopeTasks } from "./dashscope-tasks.ts";
import {
  DASHSCOPE,
  detectionSchema,
  readSession,
  refusalInBody,
  refusalOf,
  save,
  SPACING_MS,
  type Box,
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

/** Detections have turns of their own, which are over at once: only their spacing counts. */
const DETECTION = `${DASHSCOPE}-detect`;
const SIDE = 512;
const MAX_VIDEO_BYTES = 20 * 1024 * 1024;

/**
 * Makes stickers by Aliyun DashScope's models emoji-detect-v1 and emoji-v1 (Model Studio, "Emoji"). The account may detect
 * once a second and run one task at a time: the others wait for their turn. A task's id is stored before its state is asked for;
 * where the answer to a creation was lost, nothing is created again.
 */
export class DashScopeStickerMaker {
  private readonly http: HttpClient;
  private readonly tasks: DashScopeTasks;

  constructor(private readonly options: DashScopeOptions) {
    this.http = new HttpClient({
      provider: DASHSCOPE,
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { authorization: `Bearer ${options.apiKey}` },
    });
    this.tasks = new DashScopeTasks({ ...options, http: this.http });
  }

  /** Whether a task was created, or may have been, by the runs that stored this. */
  mayHaveBegun(session: string | null): boolean {
    return session !== null && readSession(session).step !== "DETECTED";
  }

  /** @throws ProviderError, or the signal's reason */
  async make(request: StickerRequest): Promise<FinishedSticker> {
    const session = await this.detected(request);
    await request.onGenerating();
    const film = await this.tasks.run(request, session);
    return {
      file: await this.download(film.url, request.signal),
      contentType: "video/mp4",
      width: SIDE,
      height: SIDE,
      durationMs: film.durationMs,
      poster: await still(request.image, session.around),
    };
  }

  private async detected(request: StickerRequest): Promise<Session> {
    if (request.session !== null) return readSession(request.session);
    const imageUrl = await this.detectionTurn(request);
    const answer = await this.options.guard.run(
      // Each request needs a turn of its own: the job tries again.
      { operation: "detect", repeatable: true, retries: 0, signal: request.signal },
      (signal) =>
        this.http.json({
          method: "POST",
          path: "services/aigc/image2video/face-detect",
          body: {
            model: "emoji-detect-v1",
            input: { image_url: imageUrl },
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

  /** Waits until one more detection may be asked for. @returns a fresh address of the picture */
  private detectionTurn({ jobId: holder, imageUrl, signal }: StickerRequest): Promise<string> {
    const turn = { provider: DETECTION, holder, spacingMs: SPACING_MS, signal };
    return this.options.turns.take(turn, () => imageUrl());
  }

  private async download(address: string, signal: AbortSignal): Promise<Uint8Array> {
    const url = this.resultUrl(address);
    const { bytes } = await this.options.guard
      .run({ operation: "download", repeatable: true, signal }, (attempt) =>
        this.http.getBytes({ url, maxBytes: MAX_VIDEO_BYTES, signal: attempt }),
      )
      .catch((error: unknown) => {
        // Results are deleted after a day: asking again brings nothing back.
        const isGone = error instanceof ProviderError && error.outcome === "misconfigured";
        throw isGone ? answerLost(DASHSCOPE) : error;
      });
    return bytes;
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
