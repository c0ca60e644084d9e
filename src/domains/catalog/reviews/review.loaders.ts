import DataLoader from "dataloader";
import { oneByKey, type Loaders } from "../../../platform/graphql/loaders.ts";
import type { ReviewList } from "./review.paging.ts";
import type { ReviewRepository, ReviewRow } from "./review.repository.ts";

/** One page of the reviews of one product. */
export interface ReviewPage extends ReviewList {
  readonly productId: string;
}

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** An approved review by its id. */
    review: DataLoader<string, ReviewRow | null>;
    /** Up to `limit + 1` approved reviews, in the direction of the request. */
    reviewsOfProduct: DataLoader<ReviewPage, ReviewRow[], string>;
  }
}

/** The loaders of one operation. */
/** The loaders of one operation. */
export const createReviewLoaders = (
  reviews: ReviewRepository,
): Pick<Loaders, "review" | "reviewsOfProduct"> => ({
  review: oneByKey(
    (ids) => reviews.byIds(ids),
    (row) => row.id,
  ),
  reviewsOfProduct: new DataLoader(
    async (pages: readonly ReviewPage[]) => {
      const found = new Map<ReviewPage, ReviewRow[]>(pages.map((page) => [page, []]));
      // Products that are asked for the same page share a statement.
      const alike = Map.groupBy(pages, shapeOf).values();
      await Promise.all(
        [...alike].map(async (group) => {
          const { sort, rating, request } = group[0]!;
          const byProduct = new Map(group.map((page) => [page.productId, page]));
          const rows = await reviews.ofProducts([...byProduct.keys()], sort, rating, request);
          for (const row of rows) found.get(byProduct.get(row.productId)!)?.push(row);
        }),
      );
      return pages.map((page) => found.get(page) ?? []);
    },
    { cacheKeyFn: (page) => `${page.productId} ${shapeOf(page)}` },
  ),
});

const shapeOf = ({ sort, rating, request }: ReviewPage): string =>
  JSON.stringify([sort, rating, request]);
