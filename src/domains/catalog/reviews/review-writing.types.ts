import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Product } from "../catalog.types.ts";
import { Review } from "./review.types.ts";

@InputType({ description: "What the viewer says about a product." })
export class AddReviewInput {
  @Field(() => ID, { description: "A product on sale." })
  productId!: string;

  @Field(() => Int, { description: "Stars, 1–5." })
  rating!: number;

  @Field(() => String, { nullable: true, description: "A heading of at most 160 characters." })
  title?: string | null;

  @Field(() => String, {
    defaultValue: "",
    description: "The text, at most 5,000 characters; may be empty.",
  })
  comment!: string;

  @Field(() => String, {
    nullable: true,
    description: "Sent again with the same key, the first answer comes again.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The answer of `addReview`." })
export class AddReviewPayload extends Payload {
  @Field(() => Review, { nullable: true, description: "The review, which waits to be approved." })
  review?: unknown;
}

@InputType({ description: "Changes of a review of the viewer's; what is left out stays." })
export class UpdateReviewInput {
  @Field(() => ID, { description: "The review." })
  reviewId!: string;

  @Field(() => Int, { nullable: true, description: "Stars, 1–5." })
  rating?: number | null;

  @Field(() => String, { nullable: true, description: "The heading; null removes it." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "The text." })
  comment?: string | null;
}

@ObjectType({ description: "The answer of `updateReview`." })
export class UpdateReviewPayload extends Payload {
  @Field(() => Review, { nullable: true, description: "The review as it is now." })
  review?: unknown;
}

@InputType({ description: "Which review of the viewer's to delete." })
export class DeleteReviewInput {
  @Field(() => ID, { description: "The review." })
  reviewId!: string;
}

@ObjectType({ description: "The answer of `deleteReview`." })
export class DeleteReviewPayload extends Payload {
  @Field(() => ID, { nullable: true, description: "The review that is gone." })
  deletedId?: string | null;

  @Field(() => Product, {
    nullable: true,
    description: "The product that it was about; null when that is no longer on sale.",
  })
  product?: Product | null;
}

@InputType({ description: "Whether a review has helped the viewer." })
export class VoteReviewHelpfulInput {
  @Field(() => ID, { description: "An approved review of somebody else." })
  reviewId!: string;

  @Field(() => Boolean, { description: "True gives the viewer's vote, false takes it back." })
  helpful!: boolean;
}

@ObjectType({ description: "The answer of `voteReviewHelpful`." })
export class VoteReviewHelpfulPayload extends Payload {
  @Field(() => Review, { nullable: true, description: "The review with its count." })
  review?: unknown;
}
