import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsOfEach } from "../../../platform/graphql/loaders.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Finding } from "../../../platform/module.ts";
import type { ReviewReads } from "./review.reads.ts";
import type {
  NewReview,
  ReviewPageShape,
  ReviewRepository,
  ReviewRow,
} from "./review.repository.ts";

/** What people say about products. */
export class ReviewService {
  constructor(
    private readonly deps: {
      readonly reviews: ReviewRepository;
      readonly reads: ReviewReads;
      readonly ids: Ids;
    },
  ) {}

  /** The same page of the approved reviews of each product: up to `rowsToFetch`, in the direction of the request. */
  async pageOf(productIds: readonly string[], page: ReviewPageShape): Promise<ReviewRow[][]> {
    const rows = await this.deps.reads.ofProducts(page, productIds);
    return rowsOfEach(productIds, rows, (row) => row.productId);
  }

  /** Adds reviews; a person's second one about a product is left out. @returns how many were added */
  add(tx: Tx, reviews: readonly Omit<NewReview, "id">[]): Promise<number> {
    const { reviews: repository, ids } = this.deps;
    return repository.add(
      tx,
      reviews.map((review) => ({ ...review, id: ids.next("rev") })),
    );
  }

  /** Products whose rating is not what their reviews say, and reviews that count fewer votes than were given. */
  async reconcile(): Promise<Finding[]> {
    const { reviews } = this.deps;
    const [products, voted] = await Promise.all([reviews.miscounted(), reviews.misvoted()]);
    return [
      ...products.map(({ productId, stored, counted }) => ({
        check: "product-rating",
        subject: productId,
        detail: `stars stored ${stored.join("/")}, counted ${counted.join("/")}`,
      })),
      ...voted.map(({ reviewId, stored, counted }) => ({
        check: "review-votes",
        subject: reviewId,
        detail: `votes stored ${stored}, counted ${counted}`,
      })),
    ];
  }
}
