/** A product page somewhere on the web. */
export interface WebFind {
  title: string;
  /** A public https address. */
  url: string;
  /** As the page writes it, for example "$12.90". */
  price: string | null;
  why: string;
}

export interface ProductSearch {
  skinType: string | null;
  concerns: readonly string[];
  language: "EN" | "KH";
  signal: AbortSignal;
}

export interface ProductFinds {
  finds: WebFind[];
  /** False when the finds do not stem from a search: then there are none. */
  grounded: boolean;
  /** Why there are none, for a log. */
  reason?: string;
}
