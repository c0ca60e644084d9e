import type { IncomingHttpHeaders } from "node:http";
import type { ProviderError } from "../../platform/resilience/provider-error.ts";
import type { Verdict, WebhookDescription } from "../../platform/webhooks/webhook-source.ts";
import type { HairstyleLook } from "./hairstyles/hairstyle.vocabulary.ts";
import type { HairView } from "./try-ons/try-on.vocabulary.ts";

/** The picture of one view. */
export interface StyledView {
  /** JPEG, PNG or WebP. */
  readonly picture: Uint8Array;
  /** What the maker calls its work; null when it has no name. */
  readonly reference: string | null;
}

export interface StylingRequest {
  readonly jobId: string;
  /** A clean JPEG: upright, no metadata. */
  readonly image: Uint8Array;
  /** A signed address of the same picture, good for hours. */
  readonly imageUrl: string;
  readonly style: HairstyleLook & { readonly prompt: string };
  readonly views: readonly HairView[];
  /** What an earlier attempt stored: work that was paid is resumed. */
  readonly session: string | null;
  saveSession(session: string): Promise<void>;
  /** Resolves when there is news about the work on a view, or after so many milliseconds. */
  awaitNews(view: HairView, atMostMs: number): Promise<void>;
  /** A view is there. */
  onStyled(view: HairView, styled: StyledView): Promise<void>;
  /** There will be no picture of a view, or not now when the fault is retryable. */
  onFailed(view: HairView, fault: ProviderError, reference: string | null): Promise<void>;
  readonly signal: AbortSignal;
}

/** Shows people with another hairstyle. Resolves when it is known of each view what became of it. */
export interface HairStylist {
  /** Whether its pictures give an idea only. */
  readonly isPreview: boolean;
  style(request: StylingRequest): Promise<void>;
}

/** Reports of the picture maker. They say that something moved; the truth is asked of the maker itself. */
export interface StylistWebhooks {
  readonly provider: string;
  verify(rawBody: Buffer, headers: IncomingHttpHeaders, now: Date): Verdict;
  describe(payload: unknown, headers: IncomingHttpHeaders): WebhookDescription;
  /** Which work has ended; null while it goes on, or when it is not ours. */
  ended(payload: unknown): { readonly jobId: string; readonly view: string } | null;
}
