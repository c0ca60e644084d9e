/** Orders of a list of reviews. */
export const ReviewSorts = {
  NEWEST: "NEWEST",
  HIGHEST: "HIGHEST",
  LOWEST: "LOWEST",
  MOST_HELPFUL: "MOST_HELPFUL",
} as const;
export type ReviewSort = keyof typeof ReviewSorts;

/** Where a review stands; shoppers see approved ones only. */
export const ReviewStatuses = {
  PENDING: "PENDING",
  APPROVED: "APPROVED",
  REJECTED: "REJECTED",
} as const;
export type ReviewStatus = keyof typeof ReviewStatuses;
