import type { ProviderError } from "../../platform/resilience/provider-error.ts";

export const VIEWS = ["FRONT", "RIGHT", "LEFT", "BACK"] as const;
export type View = (typeof VIEWS)[number];

/** A hairstyle in words and as it looks. */
export interface Style {
  readonly prompt: string;
  readonly category: "SHORT" | "MEDIUM" | "LONG" | "CURLY" | "BRAIDS" | "UPDO";
  /** Such as `#6b3a1e`; null keeps the person's own colour. */
  readonly color: string | null;
  readonly hasFringe: boolean;
}

/** What is asked of a stylist. */
export interface StylingRequest {
  readonly jobId: string;
  /** A clean JPEG: upright, no metadata. */
  readonly image: Uint8Array;
  /** A signed address of the same picture, good for hours. */
  readonly imageUrl: string;
  readonly style: Style;
  readonly views: readonly View[];
  /** What an earlier attempt stored; null the first time. */
  readonly session: string | null;
  saveSession(session: string): Promise<void>;
  awaitNews(view: View, atMostMs: number): Promise<void>;
  onStyled(view: View, styled: { picture: Uint8Array; reference: string | null }): Promise<void>;
  onFailed(view: View, fault: ProviderError, reference: string | null): Promise<void>;
  readonly signal: AbortSignal;
}
