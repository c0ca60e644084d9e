import { GraphQLDateTime } from "graphql-scalars";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes, PageArgs } from "../../../platform/graphql/connection.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Review, ReviewStatuses, type ReviewStatus } from "../../catalog/index.ts";
import { AdminCustomer } from "../debts/debt.types.ts";

const ReviewDecisions = { APPROVED: "APPROVED", REJECTED: "REJECTED" } as const;

registerEnumType(ReviewDecisions, {
  name: "AdminReviewDecision",
  description: "What becomes of a review.",
  valuesConfig: {
    APPROVED: { description: "Everybody sees it, and it counts for the rating." },
    REJECTED: { description: "Nobody but its writer and the staff sees it." },
  },
});

@ObjectType({ description: "A review as the staff sees it." })
export class AdminReview {
  @Field(() => ID, { description: "The id of the review." })
  id!: string;

  @Field(() => Review, { description: "What was written, and where it stands." })
  review!: Review;

  @Field(() => Int, {
    description: "Rises with each change by the writer; a decision is about one version.",
  })
  version!: number;

  @Field(() => GraphQLDateTime, {
    description: "When it was written, changed or decided about last.",
  })
  updatedAt!: string;

  @Field(() => AdminCustomer, {
    nullable: true,
    description: "Who wrote it; null when the writer has left.",
  })
  customer!: AdminCustomer | null;
}

const connection = connectionTypes<AdminReview>("AdminReview", () => AdminReview);
export const AdminReviewConnection = connection.connection;

@ArgsType()
export class AdminReviewsArgs extends PageArgs {
  @Field(() => ReviewStatuses, {
    defaultValue: "PENDING",
    description: "Only in this state; what waits for a decision unless told.",
  })
  status!: ReviewStatus;
}

@InputType({ description: "What becomes of a review." })
export class AdminModerateReviewInput {
  @Field(() => ID, { description: "The review." })
  id!: string;

  @Field(() => Int, { description: "The version that was read." })
  version!: number;

  @Field(() => ReviewDecisions, { description: "Whether shoppers shall see it." })
  decision!: keyof typeof ReviewDecisions;

  @Field(() => String, {
    nullable: true,
    description: "What the writer of a rejected review is told, 1–500 characters.",
  })
  reason?: string | null;
}

@ObjectType({ description: "The outcome of `adminModerateReview`." })
export class AdminModerateReviewPayload extends Payload {
  @Field(() => AdminReview, { nullable: true, description: "The review as it stands now." })
  review?: unknown;
}
