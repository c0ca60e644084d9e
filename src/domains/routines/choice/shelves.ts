import type { ShelfProduct } from "../../catalog/index.ts";
import type { DayHalf, RoutineStepKind } from "../routines.vocabulary.ts";

/** Slugs of the shop's categories, and the step that their products are for. A product on several counts for the first. */
const STEP_OF_SHELF: readonly (readonly [string, RoutineStepKind])[] = [
  ["eye-care", "EYES"],
  ["cleansers", "CLEANSE"],
  ["sunscreens", "PROTECT"],
  ["moisturizers", "MOISTURIZE"],
  ["exfoliants", "TREAT"],
  ["serums", "TREAT"],
  ["acne-care", "TREAT"],
];

/** What stands here is not for the daily care of a face, whatever other shelf it stands on. */
export const NOT_DAILY: readonly string[] = [
  "body-care",
  "lip-care",
  "masks",
  "toners",
  "tools-and-sets",
];

/** Rubbing and peeling once a day is enough. */
const EVENING_SHELF = "exfoliants";

/** All shelves that a routine is made from. */
export const SHELVES: readonly string[] = STEP_OF_SHELF.map(([slug]) => slug);

/** The one step that a product is for in a half of the day; null for none. */
export function stepOf(
  product: Pick<ShelfProduct, "shelves">,
  half: DayHalf,
): RoutineStepKind | null {
  const { shelves } = product;
  const kind = STEP_OF_SHELF.find(([slug]) => shelves.includes(slug))?.[1] ?? null;
  if (half === "MORNING" && kind === "TREAT" && shelves.includes(EVENING_SHELF)) return null;
  return kind;
}
