import DataLoader from "dataloader";
import { mergedByShape } from "../../../platform/db/merged-reads.ts";
import type { Loaders } from "../../../platform/graphql/loaders.ts";
import { oneRowByKey, type RowLoader } from "../../../platform/graphql/row-loader.ts";
import { reviewGroups, type ReviewPageShape } from "./review.repository.ts";
import type { ReviewRepository, ReviewRow } from "./review.repository.ts";

/** One page of the reviews of one product. */
export interface ReviewPage extends ReviewPageShape {
  readonly productId: string;
}

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** An approved review by its id. */
    review: RowLoader<ReviewRow | null>;
    /** Up to `limit + 1` approved reviews, in the direction of the request. */
    reviewsOfProduct: DataLoader<ReviewPage, ReviewRow[], string>;
  }
}

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

/** The loaders of one operation. */
export const createReviewLoaders = (
  reads: ReviewReads,
): Pick<Loaders, "review" | "reviewsOfProduct"> => ({
  review: oneRowByKey(
    (ids, columns) => reads.byIds(reviewGroups(columns), ids),
    (row) => row.id,
  ),
  reviewsOfProduct: new DataLoader(
    async (pages: readonly ReviewPage[]) => {
      const found = new Map<ReviewPage, ReviewRow[]>(pages.map((page) => [page, []]));
      // Products that are asked for the same page share a statement.
      const alike = Map.groupBy(pages, nameOf).values();
      await Promise.all(
        [...alike].map(async (group) => {
          const { sort, rating, request, columns } = group[0]!;
          const byProduct = new Map(group.map((page) => [page.productId, page]));
          const shape = { sort, rating, request, columns };
          const rows = await reads.ofProducts(shape, [...byProduct.keys()]);
          for (const row of rows) found.get(byProduct.get(row.productId)!)?.push(row);
        }),
      );
      return pages.map((page) => found.get(page) ?? []);
    },
    { cacheKeyFn: (page) => `${page.productId} ${nameOf(page)}` },
  ),
});

const nameOf = ({ sort, rating, request, columns }: ReviewPageShape): string =>
  JSON.stringify([sort, rating, request, columns]);
