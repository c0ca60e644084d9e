import { mergedByShape } from "../../../platform/db/merged-reads.ts";
import type { ReviewRepository } from "./review.repository.ts";

/** Reads of approved reviews that all operations of the process share. */
export type ReviewReads = ReturnType<typeof openReviewReads>;

/** Merges the reads of what everybody may see. Nothing here may ever depend on who asks. */
export const openReviewReads = (reviews: ReviewRepository) => ({
  byIds: mergedByShape(
    (columns: number, ids: readonly string[]) => reviews.byIds(ids, columns),
    (row) => row.id,
  ),
  ofProducts: mergedByShape(reviews.ofProducts.bind(reviews), (row) => row.productId),
});
