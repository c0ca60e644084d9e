/** Where bands of prices begin, in minor units; each ends where the next begins. */
export const PRICE_BANDS = [0, 1_000, 2_000, 3_000, 5_000, 10_000] as const;
