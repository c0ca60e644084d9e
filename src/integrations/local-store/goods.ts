/** Something that the local store sells. */
export interface Goods {
  readonly store: "stripe" | "dodo" | "revenuecat";
  /** The store's id of it. */
  readonly productId: string;
  readonly title: string;
  /** In the smallest unit of the currency. */
  readonly price: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** How long a subscription runs until it renews; FOREVER gives its plan for good; null: used up, such as credits. */
  readonly lasts: "WEEK" | "MONTH" | "YEAR" | "FOREVER" | null;
}

/** When the period that begins at a time ends: on the same day of the next month, or on its last one. */
export function periodAfter(start: number, lasts: Goods["lasts"]): number {
  const end = new Date(start);
  if (lasts === "WEEK") return end.setUTCDate(end.getUTCDate() + 7);
  const day = end.getUTCDate();
  end.setUTCMonth(end.getUTCMonth() + (lasts === "YEAR" ? 12 : 1));
  if (end.getUTCDate() !== day) end.setUTCDate(0);
  return end.getTime();
}

/** The decimals that amounts of a currency have. */
export const decimalsOf = (currency: string): number =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
    .maximumFractionDigits ?? 2;

/** An amount in the smallest unit as people write it, such as "$4.99". */
export const moneyText = (amount: number, currency: string): string =>
  new Intl.NumberFormat("en", { style: "currency", currency }).format(
    amount / 10 ** decimalsOf(currency),
  );
