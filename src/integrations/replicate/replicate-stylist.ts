import { setTimeout as pause } from "node:timers/promises";
import { isJobOver } from "../../platform/jobs/run.ts";
import { HttpClient } from "../../platform/http/http-client.ts";
import { answerLost, badAnswer } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";
import { promptFor } from "./replicate-prompts.ts";
import {
  failureOf,
  forgotten,
  isEnded,
  listSchema,
  predictionSchema,
  REPLICATE,
  type Prediction,
  type Work,
} from "./replicate-wire.ts";
import { SessionBook } from "./session-book.ts";
import type { StylingRequest, View } from "./styling.ts";

export interface ReplicateOptions {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly token: string;
  /** Owner and name, such as `bytedance/seedream-4`. */
  readonly model: string;
  readonly timeoutMs: number;
  /** How long to wait for a webhook before a prediction is asked about. */
  readonly pollMs: number;
  /** Where webhooks reach us; asked for each prediction. */
  readonly webhookUrl: () => string;
  readonly guard: ProviderGuard;
  /** Results may come from any address: for tests alone. */
  readonly allowInsecureUrls?: boolean;
}

const MAX_PICTURE_BYTES = 32 * 1024 * 1024;
/** So often a creation whose answer was lost is looked for. */
const LOOKS = 3;
const MAX_PAGES = 20;
/** Clocks differ. */
const SLACK_MS = 5 * 60_000;

interface Creation {
  readonly id: string;
  /** Not of an earlier attempt. */
  readonly isNew: boolean;
}

/**
 * Shows hairstyles by an image model on Replicate, one prediction per view. A prediction is paid and cannot be made idempotent:
 * its id is stored before anything waits for it, and one whose creation was not answered is looked for among the account's
 * predictions by its webhook URL, and never created again.
 */
export class ReplicateStylist {
  readonly isPreview = false;
  private readonly http: HttpClient;

  constructor(private readonly options: ReplicateOptions) {
    this.http = new HttpClient({
      provider: REPLICATE,
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { authorization: `Bearer ${options.token}` },
    });
  }

  /** Each view on its own. @throws what the request's callbacks throw, or the signal's reason */
  async style(request: StylingRequest): Promise<void> {
    const book = new SessionBook(request);
    const outcomes = await Promise.allSettled(
      request.views.map((view) => this.view(request, book, view)),
    );
    const broken = outcomes.find(({ status }) => status === "rejected");
    if (broken?.status === "rejected") throw broken.reason;
  }

  private async view(request: StylingRequest, book: SessionBook, view: View): Promise<void> {
    const { signal } = request;
    let reference: string | null = null;
    let picture: Uint8Array;
    try {
      const creation = await this.created(request, book, view, (id) => (reference = id));
      signal.throwIfAborted();
      const prediction = await this.ended(request, view, creation);
      if (prediction.status !== "succeeded") {
        if (prediction.status === "aborted") {
          await book.set(view, { step: "NONE", tries: book.of(view).tries });
        }
        throw failureOf(prediction);
      }
      picture = await this.download(prediction, signal);
    } catch (error) {
      if (reference !== null && isJobOver(signal)) await this.cancel(reference);
      if (!(error instanceof ProviderError) || signal.aborted) throw error;
      await request.onFailed(view, error, reference);
      return;
    }
    await request.onStyled(view, { picture, reference });
  }

  /** The prediction of a view: of an earlier attempt, or a new one. */
  private async created(
    request: StylingRequest,
    book: SessionBook,
    view: View,
    onId: (id: string) => void,
  ): Promise<Creation> {
    const known = book.of(view);
    if (known.step === "CREATED") {
      onId(known.id);
      return { id: known.id, isNew: false };
    }
    const isNew = known.step === "NONE";
    const tries = isNew ? known.tries + 1 : known.tries;
    const work: Work = isNew ? { step: "CREATING", tries, sinceMs: Date.now() } : known;
    if (isNew) await book.set(view, work);
    const id = isNew
      ? await this.create(request, book, view, work)
      : await this.found(request, view, work);
    // An earlier attempt died while the request was on its way, and nothing came of it that can be seen.
    if (id === null) throw answerLost(REPLICATE);
    onId(id);
    await book.set(view, { step: "CREATED", tries, id });
    return { id, isNew };
  }

  /** Null when nobody knows whether it was created. */
  private async create(
    request: StylingRequest,
    book: SessionBook,
    view: View,
    work: Work,
  ): Promise<string | null> {
    try {
      return await this.send(request, view, work.tries);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const isLost = error.outcome === "unknown";
      if (isLost || (error.status ?? 0) >= 500) {
        const id = await this.found(request, view, work);
        if (id !== null || isLost) return id;
      }
      await book.set(view, { step: "NONE", tries: work.tries });
      throw error;
    }
  }

  /** Not ended by the job's signal: what is created must be known, if only to be canceled. */
  private async send(request: StylingRequest, view: View, tries: number): Promise<string> {
    const { guard, model } = this.options;
    const call = { operation: "create", repeatable: false, retries: 0 };
    const prediction = await guard.run(call, (signal) =>
      this.http.json({
        method: "POST",
        path: `models/${model}/predictions`,
        body: {
          input: {
            prompt: promptFor(view, request.style),
            image_input: [request.imageUrl],
            size: "2K",
            aspect_ratio: "match_input_image",
            sequential_image_generation: "disabled",
            max_images: 1,
          },
          webhook: this.webhookOf(request.jobId, view, tries),
          webhook_events_filter: ["completed"],
        },
        schema: predictionSchema,
        signal,
      }),
    );
    return prediction.id;
  }

  /** The prediction that a request made whose answer was lost; null when there is none to be seen. */
  private async found(request: StylingRequest, view: View, work: Work): Promise<string | null> {
    const wanted = this.webhookOf(request.jobId, view, work.tries);
    const sinceMs = work.step === "CREATING" ? work.sinceMs : Date.now();
    for (let look = 0; look < LOOKS; look++) {
      if (look > 0) await pause(this.options.pollMs, undefined, { signal: request.signal });
      const id = await this.listed(wanted, sinceMs, request.signal);
      if (id !== null) return id;
    }
    return null;
  }

  private async listed(
    webhook: string,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<string | null> {
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const query: Record<string, string> = cursor === null ? {} : { cursor };
      const { results, next } = await this.options.guard.run(
        { operation: "list", repeatable: true, signal },
        (attempt) =>
          this.http.json({
            method: "GET",
            path: "predictions",
            query,
            schema: listSchema,
            signal: attempt,
          }),
      );
      const match = results.find((prediction) => prediction.webhook === webhook);
      if (match) return match.id;
      const oldestMs = results.at(-1)?.created_at?.getTime() ?? 0;
      cursor = next != null && URL.canParse(next) ? new URL(next).searchParams.get("cursor") : null;
      if (cursor === null || oldestMs < sinceMs - SLACK_MS) return null;
    }
    return null;
  }

  private async ended(
    request: StylingRequest,
    view: View,
    { id, isNew }: Creation,
  ): Promise<Prediction> {
    for (let mayWait = isNew; ; mayWait = true) {
      if (mayWait) await request.awaitNews(view, this.options.pollMs);
      const prediction = await this.options.guard.run(
        { operation: "poll", repeatable: true, signal: request.signal },
        (signal) =>
          this.http.json({
            method: "GET",
            path: `predictions/${encodeURIComponent(id)}`,
            schema: predictionSchema,
            refusal: forgotten,
            signal,
          }),
      );
      if (isEnded(prediction.status)) return prediction;
    }
  }

  private async download({ output }: Prediction, signal: AbortSignal): Promise<Uint8Array> {
    const url = this.resultUrl(typeof output === "string" ? output : output?.[0]);
    const { bytes } = await this.options.guard
      .run({ operation: "download", repeatable: true, signal }, (attempt) =>
        this.http.getBytes({ url, maxBytes: MAX_PICTURE_BYTES, signal: attempt }),
      )
      .catch((error: unknown) => {
        // Results are deleted after an hour: asking again brings nothing back.
        const isGone = error instanceof ProviderError && error.outcome === "misconfigured";
        throw isGone ? answerLost(REPLICATE) : error;
      });
    return bytes;
  }

  private resultUrl(text: string | undefined): string {
    const url = text !== undefined && URL.canParse(text) ? new URL(text) : null;
    if (url && this.options.allowInsecureUrls) return url.href;
    const isTheirs =
      url?.hostname === "replicate.delivery" || url?.hostname.endsWith(".replicate.delivery");
    if (!url || !isTheirs || url.protocol !== "https:" || url.port !== "") {
      throw badAnswer(REPLICATE, false);
    }
    return url.href;
  }

  private async cancel(id: string): Promise<void> {
    await this.options.guard
      .run({ operation: "cancel", repeatable: true }, (signal) =>
        this.http.json({
          method: "POST",
          path: `predictions/${encodeURIComponent(id)}/cancel`,
          schema: predictionSchema,
          repeatable: true,
          signal,
        }),
      )
      // It ends by itself; nobody waits for it any more.
      .catch(() => undefined);
  }

  private webhookOf(jobId: string, view: View, tries: number): string {
    const url = new URL(this.options.webhookUrl());
    url.searchParams.set("job", jobId);
    url.searchParams.set("view", view);
    url.searchParams.set("try", String(tries));
    return url.href;
  }
}
