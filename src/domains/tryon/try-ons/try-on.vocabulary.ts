/** From where a person is shown. */
export const HairViews = { FRONT: "FRONT", RIGHT: "RIGHT", LEFT: "LEFT", BACK: "BACK" } as const;
export type HairView = keyof typeof HairViews;

/** All views, in the order of the app. */
export const ALL_VIEWS = Object.keys(HairViews) as HairView[];

/** What became of one view. */
export const TryOnViewStatuses = {
  PENDING: "PENDING",
  SUCCEEDED: "SUCCEEDED",
  FAILED: "FAILED",
} as const;
export type TryOnViewStatus = keyof typeof TryOnViewStatuses;

export const HAIR_TRY_ON = "HAIR_TRY_ON";

/** A view costs so many credits. */
export const CREDITS_PER_VIEW = 1;
