/** Orders of a list of reviews. */
export const ReviewSorts = {
  NEWEST: "NEWEST",
  HIGHEST: "HIGHEST",
  LOWEST: "LOWEST",
  MOST_HELPFUL: "MOST_HELPFUL",
} as const;
export type ReviewSort = keyof typeof ReviewSorts;

/** Where a review stands; shoppers see approved ones only. */
export type ReviewStatus = "PENDING" | "APPROVED" | "REJECTED";
