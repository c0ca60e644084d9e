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
import type { ReviewStatus } from "./review.vocabulary.ts";

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

  /** Shows or hides a review; the product's rating follows in the same transaction. @returns whether there is such a review */
  decide(tx: Tx, id: string, status: ReviewStatus): Promise<boolean> {
    return this.deps.reviews.setStatus(tx, id, status);
  }

  /** Products whose rating is not what their reviews say. */
  async reconcile(): Promise<Finding[]> {
    return (await this.deps.reviews.miscounted()).map(({ productId, stored, counted }) => ({
      check: "product-rating",
      subject: productId,
      detail: `stars stored ${stored.join("/")}, counted ${counted.join("/")}`,
    }));
  }
}
