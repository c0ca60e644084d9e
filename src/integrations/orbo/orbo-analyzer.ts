import { setTimeout as pause } from "node:timers/promises";
import { HttpClient } from "../../platform/http/http-client.ts";
import { publicHttpsUrl } from "../../platform/http/public-url.ts";
import { badAnswer, timeoutError } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import { downloadAnnotations } from "./orbo-annotations.ts";
import { ORBO_MAPPING_VERSION, acneDetailOf, mapScores, type OrboScore } from "./orbo-mapping.ts";
import {
  ORBO,
  analysisAnswer,
  isPending,
  issuedSession,
  refusedPicture,
  type AnalysisAnswer,
} from "./orbo-wire.ts";
import type { SkinAnalysisRequest, SkinReading } from "./skin-reading.ts";

export interface OrboOptions {
  /** Ends in `/skin/v1/`. */
  baseUrl: string;
  clientId: string;
  apiKey: string;
  guard: ProviderGuard;
  /** Time limit of one HTTP call. */
  timeoutMs: number;
  /** Pause between two polls. */
  pollMs: number;
  /** How long one session is polled. Default 90 s. */
  maxPollMs?: number;
  /** Follows upload and annotation URLs that are not public https ones: for stub servers only. */
  allowInsecureUrls?: boolean;
}

const DEFAULT_MAX_POLL_MS = 90_000;
/** Polls of a session whose upload may never have happened. */
const DOUBTFUL_POLLS = 3;
/** Prefix of a stored session until its picture is known to be uploaded. */
const ISSUED = "issued:";

/**
 * Skin analysis by ORBO: take a session, upload the picture, poll the result. The session is
 * stored before the upload, so that a second attempt resumes it instead of paying for another.
 */
export class OrboSkinAnalyzer {
  private readonly http: HttpClient;

  constructor(private readonly options: OrboOptions) {
    this.http = new HttpClient({
      provider: ORBO,
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { "x-client-id": options.clientId, "x-api-key": options.apiKey },
    });
  }

  /** @throws ProviderError; refused_input carries NO_FACE, IMAGE_TOO_SMALL and the like. */
  async analyze(request: SkinAnalysisRequest): Promise<SkinReading> {
    const progress = rising(request.onProgress);
    const resumed =
      request.session === null
        ? null
        : await this.resume(request.session, request.signal, progress);
    const answer = resumed ?? (await this.analyzeAnew(request, progress));
    progress(0.95);
    const reading = await this.read(answer, request);
    progress(1);
    return reading;
  }

  private resume(
    stored: string,
    signal: AbortSignal,
    progress: (fraction: number) => void,
  ): Promise<FinishedAnswer | null> {
    const doubtful = stored.startsWith(ISSUED);
    const id = doubtful ? stored.slice(ISSUED.length) : stored;
    const { pollMs } = this.options;
    // Null when it was given up on before and is not ready now: the picture needs a new session.
    return this.poll(id, signal, progress, doubtful ? pollMs * DOUBTFUL_POLLS : undefined);
  }

  private async analyzeAnew(
    request: SkinAnalysisRequest,
    progress: (fraction: number) => void,
  ): Promise<FinishedAnswer> {
    const { signal, image } = request;
    const { data } = await this.call("session", signal, (inner) =>
      this.http.json({
        method: "GET",
        path: "image",
        query: { file_ext: "jpg" },
        schema: issuedSession,
        signal: inner,
      }),
    );
    const url = this.trusted(data.uploadSignedUrl);
    if (!url) throw badAnswer(ORBO, true);
    await request.saveSession(ISSUED + data.session_id);
    progress(0.1);
    await this.call("upload", signal, (inner) => this.upload(url, image, inner));
    await request.saveSession(data.session_id);
    progress(0.25);
    await this.wait(this.options.pollMs, signal);
    const answer = await this.poll(data.session_id, signal, progress);
    if (!answer) throw timeoutError(ORBO, this.maxPollMs, true);
    return answer;
  }

  private async upload(url: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    try {
      await this.http.putBytes({ url, bytes, contentType: "image/jpeg", signal });
    } catch (error) {
      if (!(error instanceof ProviderError) || error.outcome === "retryable") throw error;
      // The storage refuses a URL that ORBO has just made: expired or broken, neither is the user's.
      throw new ProviderError({
        provider: ORBO,
        outcome: "retryable",
        code: PROVIDER_CODES.unavailable,
        message: "The picture could not be uploaded for analysis.",
        status: error.status,
      });
    }
  }

  /** Null when the session is still not ready after `limitMs`. */
  private async poll(
    session: string,
    signal: AbortSignal,
    progress: (fraction: number) => void,
    limitMs = this.maxPollMs,
  ): Promise<FinishedAnswer | null> {
    const startedAt = performance.now();
    for (;;) {
      const answer = await this.pollOnce(session, signal).catch(passRetryable);
      if (!(answer instanceof ProviderError)) {
        if (isFinished(answer)) return answer;
        if (answer.error) throw refusedPicture({ error: answer.error });
      }
      const elapsedMs = performance.now() - startedAt;
      progress(0.25 + 0.65 * (1 - Math.exp(-elapsedMs / 15_000)));
      const trouble = answer instanceof ProviderError ? answer : null;
      const waitMs = Math.max(trouble?.retryAfterMs ?? 0, this.options.pollMs);
      if (elapsedMs + waitMs > limitMs) {
        if (trouble) throw trouble;
        return null;
      }
      await this.wait(waitMs, signal);
    }
  }

  private pollOnce(session: string, signal: AbortSignal): Promise<AnalysisAnswer> {
    return this.call("poll", signal, (inner) =>
      this.http.json({
        method: "GET",
        path: "analysis",
        headers: { "x-session-id": session },
        schema: analysisAnswer,
        signal: inner,
        accepts: isPending,
        refusal: ({ status, body }) => (status === 400 ? refusedPicture(body, status) : null),
      }),
    );
  }

  private get maxPollMs(): number {
    return this.options.maxPollMs ?? DEFAULT_MAX_POLL_MS;
  }

  private call<T>(
    operation: string,
    signal: AbortSignal,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.options.guard.run({ operation, repeatable: true, retries: 1, signal }, attempt);
  }

  private async read(answer: FinishedAnswer, request: SkinAnalysisRequest): Promise<SkinReading> {
    const scores = answer.data.output_score.filter(
      (one): one is OrboScore => typeof one.score === "number",
    );
    if (scores.length === 0) throw badAnswer(ORBO, true);
    const annotations = await downloadAnnotations({
      http: this.http,
      urls: answer.data.annotations ?? {},
      trusted: (url) => this.trusted(url),
      signal: request.signal,
    });
    return {
      provider: ORBO,
      mappingVersion: ORBO_MAPPING_VERSION,
      ...mapScores(scores),
      // ORBO measures neither.
      skinType: null,
      skinTone: null,
      acneDetail: request.focus === "ACNE" ? acneDetailOf(scores) : null,
      annotations,
    };
  }

  private trusted(url: string): string | null {
    if (this.options.allowInsecureUrls) return URL.canParse(url) ? url : null;
    return publicHttpsUrl(url)?.href ?? null;
  }

  private async wait(ms: number, signal: AbortSignal): Promise<void> {
    await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

type FinishedAnswer = AnalysisAnswer & { data: NonNullable<AnalysisAnswer["data"]> };

const isFinished = (answer: AnalysisAnswer): answer is FinishedAnswer =>
  answer.success !== false && !answer.error && Boolean(answer.data);

/** While a session is polled, passing trouble is as good as "not ready". */
function passRetryable(error: unknown): ProviderError {
  if (error instanceof ProviderError && error.outcome === "retryable") return error;
  throw error;
}

function rising(report: (fraction: number) => void): (fraction: number) => void {
  let highest = 0;
  return (fraction) => {
    if (fraction <= highest) return;
    highest = fraction;
    report(fraction);
  };
}
