import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { Connection } from "../../../platform/graphql/connection.ts";
import type { Context } from "../../../platform/graphql/context.ts";
import { Product } from "../catalog.types.ts";
import type { ProductRow } from "../product.repository.ts";
import { reviewConnection, reviewListOf } from "./review.paging.ts";
import type { ReviewRow } from "./review.repository.ts";
import { RatingSummary, Review, ReviewConnection, ReviewPageArgs } from "./review.types.ts";

@Resolver(() => Product)
export class ProductReviewsResolver {
  @FieldResolver(() => ReviewConnection, {
    description: "What shoppers say, once it was approved.",
  })
  async reviews(
    @Root() product: ProductRow,
    @Args(() => ReviewPageArgs) page: ReviewPageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Connection<ReviewRow>> {
    const list = reviewListOf(page);
    const rows = await loaders.reviewsOfProduct.load({ productId: product.id, ...list });
    return reviewConnection(rows, list);
  }

  @FieldResolver(() => RatingSummary, { description: "What all approved reviews say together." })
  ratingSummary(@Root() product: ProductRow): RatingSummary {
    const { ratingAverage, reviewCount, ratingHistogram } = product;
    const average = reviewCount === 0 ? null : ratingAverage;
    return { average, count: reviewCount, histogram: ratingHistogram };
  }
}

@Resolver(() => Review)
export class ReviewResolver {
  @FieldResolver(() => Product, {
    nullable: true,
    description: "What it is about; null when that is no longer on sale.",
  })
  product(@Root() review: ReviewRow, @Ctx() { loaders }: Context): Promise<ProductRow | null> {
    return loaders.product.load(review.productId);
  }
}
