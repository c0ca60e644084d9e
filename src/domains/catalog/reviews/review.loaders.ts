import type { Loaders } from "../../../platform/graphql/loaders.ts";
import { oneRowByKey, type RowLoader } from "../../../platform/graphql/row-loader.ts";
import type { ReviewReads } from "./review.reads.ts";
import { reviewGroups, type ReviewRow } from "./review.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** An approved review by its id. */
    review: RowLoader<ReviewRow | null>;
  }
}

/** The loaders of one operation. */
export const createReviewLoaders = (reads: ReviewReads): Pick<Loaders, "review"> => ({
  review: oneRowByKey(
    (ids, columns) => reads.byIds(reviewGroups(columns), ids),
    (row) => row.id,
  ),
});
