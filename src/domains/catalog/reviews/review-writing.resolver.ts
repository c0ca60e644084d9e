import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Info,
  Mutation,
  Resolver,
  Root,
} from "type-graphql";
import {
  asSelected,
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { isId } from "../../../platform/ids/ids.ts";
import { Viewer, type User } from "../../identity/index.ts";
import { Product } from "../catalog.types.ts";
import type { ProductRow } from "../product-columns.repository.ts";
import { productColumnsFor } from "../product.columns.ts";
import type { OwnReview, ReviewContent } from "./own-review.repository.ts";
import type { ReviewWritingService } from "./review-writing.service.ts";
import {
  AddReviewInput,
  AddReviewPayload,
  DeleteReviewInput,
  DeleteReviewPayload,
  UpdateReviewInput,
  UpdateReviewPayload,
  VoteReviewHelpfulInput,
  VoteReviewHelpfulPayload,
} from "./review-writing.types.ts";
import type { ReviewRow } from "./review.repository.ts";
import { Review, ReviewConnection } from "./review.types.ts";

const LAST_WRITTEN_FIRST = "viewer.reviews.newest";

@Resolver()
export class ReviewWritingResolver {
  constructor(private readonly writing: ReviewWritingService) {}

  @Authorized()
  @Mutation(() => AddReviewPayload, {
    description:
      "Says what the viewer thinks of a product, once. Others see it when it is approved.",
  })
  addReview(
    @Arg("input", () => AddReviewInput, { description: "The review." }) input: AddReviewInput,
    @Ctx() context: Context,
  ): Promise<AddReviewPayload> {
    const writer = signedIn(context);
    const { productId, rating, comment } = input;
    return payload(AddReviewPayload, async () => {
      if (!isId(productId, "prd")) throw notFound("The product");
      const user = await context.loaders.user.load(writer.userId);
      const review = await this.writing.add(writer, {
        productId,
        rating,
        comment,
        title: input.title ?? null,
        authorName: user?.firstName ?? null,
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return { review };
    });
  }

  @Authorized()
  @Mutation(() => UpdateReviewPayload, {
    description: "Changes a review of the viewer's. Others see it again when it is approved.",
  })
  updateReview(
    @Arg("input", () => UpdateReviewInput, { description: "The changes." })
    input: UpdateReviewInput,
    @Ctx() context: Context,
  ): Promise<UpdateReviewPayload> {
    const writer = signedIn(context);
    return payload(UpdateReviewPayload, async () => {
      const id = reviewId(input.reviewId);
      return { review: await this.writing.update(writer, id, changeOf(input)) };
    });
  }

  @Authorized()
  @Mutation(() => DeleteReviewPayload, {
    description: "Deletes a review of the viewer's, with the votes for it.",
  })
  deleteReview(
    @Arg("input", () => DeleteReviewInput, { description: "Which review." })
    input: DeleteReviewInput,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<DeleteReviewPayload> {
    const writer = signedIn(context);
    return payload(DeleteReviewPayload, async () => {
      const deletedId = reviewId(input.reviewId);
      const productId = await this.writing.remove(writer, deletedId);
      const columns = productColumnsFor(info, context);
      return { deletedId, product: await context.loaders.product.load(productId, columns) };
    });
  }

  @Authorized()
  @Mutation(() => VoteReviewHelpfulPayload, {
    description:
      "Says whether somebody else's review has helped the viewer; again changes nothing.",
  })
  voteReviewHelpful(
    @Arg("input", () => VoteReviewHelpfulInput, { description: "The review, and whether." })
    input: VoteReviewHelpfulInput,
    @Ctx() context: Context,
  ): Promise<VoteReviewHelpfulPayload> {
    const voter = signedIn(context);
    return payload(VoteReviewHelpfulPayload, async () => {
      const id = reviewId(input.reviewId);
      await this.writing.vote(voter, id, input.helpful);
      return { review: await context.loaders.review.load(id) };
    });
  }
}

/** What the signed-in user has written, and what has helped. */
@Resolver(() => Viewer)
export class ViewerReviewsResolver {
  constructor(private readonly writing: ReviewWritingService) {}

  @FieldResolver(() => ReviewConnection, {
    description: "What the viewer has written, approved or not, last written first.",
  })
  async reviews(
    @Root() user: User,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<OwnReview>> {
    const request = asSelected(pageRequest(page, LAST_WRITTEN_FIRST), info);
    const rows = await this.writing.pageOf(user.id, request);
    return connectionOf(rows, request, LAST_WRITTEN_FIRST, ({ id }) => [id]);
  }
}

@Resolver(() => Product)
export class ViewerReviewResolver {
  @FieldResolver(() => Review, {
    nullable: true,
    description: "What the viewer says about it, approved or not; null for strangers.",
  })
  viewerReview(
    @Root() { id }: ProductRow,
    @Ctx() { loaders, signedIn: viewer }: Context,
  ): Promise<OwnReview | null> | null {
    return viewer && loaders.ownReview.load({ userId: viewer.userId, id });
  }
}

@Resolver(() => Review)
export class ReviewVoteResolver {
  @FieldResolver(() => Boolean, {
    description: "Whether it has helped the viewer; false for strangers.",
  })
  viewerHasVoted(
    @Root() { id: reviewId }: ReviewRow,
    @Ctx() { loaders, signedIn: viewer }: Context,
  ): Promise<boolean> | boolean {
    return viewer !== null && loaders.hasVoted.load({ userId: viewer.userId, reviewId });
  }
}

function reviewId(id: string): string {
  if (!isId(id, "rev")) throw notFound("The review");
  return id;
}

/** What cannot be empty is left as it is by null. */
function changeOf({ rating, title, comment }: UpdateReviewInput): Partial<ReviewContent> {
  return {
    ...(rating != null && { rating }),
    ...(title !== undefined && { title }),
    ...(comment != null && { comment }),
  };
}
