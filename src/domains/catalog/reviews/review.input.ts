import { problem, refuse } from "../../../platform/graphql/problems.ts";
import type { ReviewContent } from "./own-review.repository.ts";

const MOST = { title: 160, comment: 5_000, reason: 500 } as const;

const invalid = (message: string, field: string): never =>
  refuse(problem("INVALID_INPUT", message, ["input", field]));

/** What somebody wants to say, as it is stored. Refuses with INVALID_INPUT. */
export function checkedContent({ rating, title, comment }: ReviewContent): ReviewContent {
  if (rating < 1 || rating > 5) invalid("Give one to five stars.", "rating");
  const heading = checkedText(title ?? "", "title");
  return {
    rating,
    title: heading === "" ? null : heading,
    comment: checkedText(comment, "comment"),
  };
}

/** Why a review is rejected, as it is stored. Refuses with INVALID_INPUT when it says nothing. */
export function checkedReason(reason: string): string {
  const text = checkedText(reason, "reason");
  return text === "" ? invalid("Say why, for the writer to read.", "reason") : text;
}

/** A text without surrounding space; may be empty. */
function checkedText(text: string, field: keyof typeof MOST): string {
  const trimmed = text.trim();
  const isTooLong = trimmed.length > MOST[field] && Array.from(trimmed).length > MOST[field];
  if (isTooLong || /[^\P{Cc}\n\r\t]/u.test(trimmed)) {
    invalid(`Give at most ${MOST[field]} plain characters.`, field);
  }
  return trimmed;
}
