import type { Language } from "../../platform/graphql/context.ts";

export { SkinTypes, type SkinType } from "../identity/index.ts";

/** Concerns that products help with and that analyses find. */
export const SkinConcerns = {
  DRYNESS: "DRYNESS",
  TEXTURE: "TEXTURE",
  DULLNESS: "DULLNESS",
  DARK_SPOTS: "DARK_SPOTS",
  LOSS_OF_FIRMNESS: "LOSS_OF_FIRMNESS",
  FINE_LINES: "FINE_LINES",
  ACNE: "ACNE",
  DARK_CIRCLES: "DARK_CIRCLES",
  REDNESS: "REDNESS",
  OILINESS: "OILINESS",
} as const;
export type SkinConcern = keyof typeof SkinConcerns;

/** Orders of a list of products. */
export const ProductSorts = {
  RELEVANCE: "RELEVANCE",
  NEWEST: "NEWEST",
  PRICE_ASC: "PRICE_ASC",
  PRICE_DESC: "PRICE_DESC",
  NAME: "NAME",
  RATING: "RATING",
  BEST_SELLING: "BEST_SELLING",
} as const;
export type ProductSort = keyof typeof ProductSorts;

/** The order of a list that no search made: relevance means nothing there. */
export const withoutSearch = (sort: ProductSort): ProductSort =>
  sort === "RELEVANCE" ? "NEWEST" : sort;

/** How marked a concern is. */
export type ConcernSeverity = "MILD" | "MODERATE" | "SEVERE";

/** Names of the concerns as shoppers read them. */
export const CONCERN_NAMES: Readonly<Record<SkinConcern, Readonly<Record<Language, string>>>> = {
  DRYNESS: { EN: "Dryness", KH: "ស្បែកស្ងួត" },
  TEXTURE: { EN: "Uneven texture", KH: "ស្បែកមិនរលោង" },
  DULLNESS: { EN: "Dullness", KH: "ស្បែកស្រអាប់" },
  DARK_SPOTS: { EN: "Dark spots", KH: "ស្នាមខ្មៅ" },
  LOSS_OF_FIRMNESS: { EN: "Loss of firmness", KH: "ស្បែកយារធ្លាក់" },
  FINE_LINES: { EN: "Fine lines and wrinkles", KH: "ស្នាមជ្រួញ" },
  ACNE: { EN: "Acne", KH: "មុន" },
  DARK_CIRCLES: { EN: "Dark circles", KH: "រង្វង់ភ្នែកខ្មៅ" },
  REDNESS: { EN: "Redness", KH: "ស្បែកក្រហម" },
  OILINESS: { EN: "Oiliness", KH: "ស្បែកខ្លាញ់" },
};

/** The same for texts that may not have been read: undefined when the one that decides was not. */
export function localizedIf<T extends string | null>(
  english: T | undefined,
  khmer: string | null | undefined,
  language: Language,
): T | string | undefined {
  if (english === undefined || (language === "KH" && khmer === undefined)) return undefined;
  return localized(english, khmer ?? null, language);
}

/** Answers in the language asked for, in English where there is no such text. */
export function localized<T extends string | null>(
  english: T,
  khmer: string | null,
  language: Language,
): T | string {
  return language === "KH" && khmer !== null && khmer !== "" ? khmer : english;
}
