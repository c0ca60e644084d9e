import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Info,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import {
  asSelected,
  connectionOf,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import type { Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { Review, type ModeratedReview } from "../../catalog/index.ts";
import type { User } from "../../identity/index.ts";
import { actorOf } from "../audit/actor.ts";
import { AdminCustomer } from "../debts/debt.types.ts";
import type { ReviewDeciding } from "./review-deciding.service.ts";
import {
  AdminModerateReviewInput,
  AdminModerateReviewPayload,
  AdminReview,
  AdminReviewConnection,
  AdminReviewsArgs,
} from "./review.types.ts";

@Resolver(() => AdminReview)
export class AdminReviewResolver {
  constructor(private readonly deciding: ReviewDeciding) {}

  @FieldResolver(() => Review)
  review(@Root() review: ModeratedReview): ModeratedReview {
    return review;
  }

  @FieldResolver(() => AdminCustomer, { nullable: true })
  customer(
    @Root() { userId }: ModeratedReview,
    @Ctx() { loaders }: Context,
  ): Promise<User | null> | null {
    return userId === null ? null : loaders.user.load(userId);
  }

  @Authorized("MODERATOR", "ADMIN")
  @Query(() => AdminReviewConnection, {
    description: "Reviews in a state, first written first.",
  })
  async adminReviews(
    @Args(() => AdminReviewsArgs) { status, ...page }: AdminReviewsArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<ModeratedReview>> {
    const order = `admin.reviews ${status}`;
    const request = asSelected(pageRequest(page, order), info);
    const rows = await this.deciding.page(status, request);
    return connectionOf(rows, request, order, ({ id }) => [id]);
  }

  @Authorized("MODERATOR", "ADMIN")
  @Mutation(() => AdminModerateReviewPayload, {
    description: "Decides whether shoppers see a review; the rating of its product follows.",
  })
  adminModerateReview(
    @Arg("input", () => AdminModerateReviewInput, { description: "The decision." })
    { id, version, decision: status, reason = null }: AdminModerateReviewInput,
    @Ctx() context: Context,
  ): Promise<AdminModerateReviewPayload> {
    return payload(AdminModerateReviewPayload, async () => ({
      review: await this.deciding.decide(actorOf(context), { id, version, status, reason }),
    }));
  }
}
