import type { GraphQLResolveInfo } from "graphql";
import { Args, Ctx, FieldResolver, Info, Int, Resolver, Root } from "type-graphql";
import { asSelected, type Connection } from "../../../platform/graphql/connection.ts";
import type { Context } from "../../../platform/graphql/context.ts";
import { Batched } from "../../../platform/graphql/direct-resolvers.ts";
import { ofRow } from "../../../platform/graphql/row-loader.ts";
import { Product } from "../catalog.types.ts";
import type { ProductRow } from "../product-columns.repository.ts";
import { productColumnsFor } from "../product.columns.ts";
import { reviewColumnsFor } from "./review.columns.ts";
import { reviewConnection, reviewListOf } from "./review.paging.ts";
import type { ReviewRow } from "./review.repository.ts";
import type { ReviewService } from "./review.service.ts";
import { RatingSummary, Review, ReviewConnection, ReviewPageArgs } from "./review.types.ts";
import { ReviewStatuses, type ReviewStatus } from "./review.vocabulary.ts";

/** The ratings of a product, which tell how many gave how many stars when they are asked. */
interface Ratings extends RatingSummary {
  readonly product: ProductRow;
}

@Resolver(() => Product)
export class ProductReviewsResolver {
  constructor(private readonly service: ReviewService) {}

  @Batched()
  @FieldResolver(() => ReviewConnection, {
    description: "What shoppers say, once it was approved.",
  })
  async reviews(
    @Root() products: readonly ProductRow[],
    @Args(() => ReviewPageArgs) page: ReviewPageArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<ReviewRow>[]> {
    const { request, ...order } = reviewListOf(page);
    const list = { ...order, request: asSelected(request, info) };
    const shape = { ...list, columns: reviewColumnsFor(info) };
    const ids = products.map(({ id }) => id);
    const lists = await this.service.pageOf(ids, shape);
    return lists.map((rows) => reviewConnection(rows, list));
  }

  @FieldResolver(() => RatingSummary, { description: "What all approved reviews say together." })
  ratingSummary(@Root() product: ProductRow): Ratings {
    const { ratingAverage, reviewCount } = product;
    return { average: reviewCount === 0 ? null : ratingAverage, count: reviewCount, product };
  }
}

@Resolver(() => RatingSummary)
export class RatingSummaryResolver {
  @FieldResolver(() => [Int], {
    description: "How many reviews gave one star, two stars, and so on; always five numbers.",
  })
  histogram(
    @Root() { product }: Ratings,
    @Ctx() { loaders }: Context,
  ): number[] | Promise<number[]> {
    return ofRow(
      product,
      (row) => row.ratingHistogram,
      () => loaders.product.load(product.id),
    );
  }
}

@Resolver(() => Review)
export class ReviewResolver {
  @FieldResolver(() => String, { description: "The text; may be empty." })
  comment(@Root() review: ReviewRow, @Ctx() context: Context): string | Promise<string> {
    return ofRow(review, (row) => row.comment, again(review, context));
  }

  @FieldResolver(() => Boolean, { description: "Whether the writer bought the product here." })
  isVerifiedPurchase(
    @Root() review: ReviewRow,
    @Ctx() context: Context,
  ): boolean | Promise<boolean> {
    return ofRow(review, (row) => row.isVerifiedPurchase, again(review, context));
  }

  @FieldResolver(() => Int, { description: "How many shoppers it helped." })
  helpfulCount(@Root() review: ReviewRow, @Ctx() context: Context): number | Promise<number> {
    return ofRow(review, (row) => row.helpfulCount, again(review, context));
  }

  @FieldResolver(() => ReviewStatuses, {
    description: "Where it stands; others see approved ones only.",
  })
  status(@Root() { status = "APPROVED" }: ReviewRow): ReviewStatus {
    return status;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Why it was rejected, for its writer.",
  })
  rejectionReason(@Root() { rejectionReason = null }: ReviewRow): string | null {
    return rejectionReason;
  }

  @FieldResolver(() => Product, {
    nullable: true,
    description: "What it is about; null when that is no longer on sale.",
  })
  product(
    @Root() review: ReviewRow,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProductRow | null> {
    return context.loaders.product.load(review.productId, productColumnsFor(info, context));
  }
}

/** Reads a review once more, with all its columns. */
const again =
  ({ id }: ReviewRow, { loaders }: Context) =>
  () =>
    loaders.review.load(id);
