import { GraphQLDateTime } from "graphql-scalars";
import { ArgsType, Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes, PageArgs } from "../../../platform/graphql/connection.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { ReviewSorts, ReviewStatuses, type ReviewSort } from "./review.vocabulary.ts";

registerEnumType(ReviewStatuses, {
  name: "ReviewStatus",
  description: "Where a review stands.",
  valuesConfig: {
    PENDING: { description: "Waits for a decision; its writer and the staff see it." },
    APPROVED: { description: "Everybody sees it, and it counts for the rating." },
    REJECTED: { description: "Its writer and the staff see it, with the reason." },
  },
});

registerEnumType(ReviewSorts, {
  name: "ReviewSort",
  description: "Orders of a list of reviews.",
  valuesConfig: {
    NEWEST: { description: "Last written first." },
    HIGHEST: { description: "Most stars first; of equals the last written." },
    LOWEST: { description: "Fewest stars first; of equals the first written." },
    MOST_HELPFUL: { description: "What helped most shoppers first; of equals the last written." },
  },
});

/** Fields that are not always read are declared by the resolver. */
@ObjectType({ implements: Node, description: "What somebody says about a product." })
export class Review extends Node {
  @Field(() => Int, { description: "Stars, 1–5." })
  rating!: number;

  @Field(() => String, { nullable: true, description: "A heading, if there is one." })
  title!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "First name of the writer; null when not told, or when the writer has left.",
  })
  authorName!: string | null;

  @Field(() => GraphQLDateTime, { description: "When it was written." })
  createdAt!: string;
}

const reviews = connectionTypes("Review", () => Review);
export const ReviewConnection = reviews.connection;

/** Fields that are not always read are declared by the resolver. */
@ObjectType({ description: "What all approved reviews of a product say together." })
export class RatingSummary {
  @Field(() => Float, {
    nullable: true,
    description: "Average of stars with two decimals; null without reviews.",
  })
  average!: number | null;

  @Field(() => Int, { description: "How many reviews there are." })
  count!: number;
}

@ArgsType()
export class ReviewPageArgs extends PageArgs {
  @Field(() => ReviewSorts, { defaultValue: "NEWEST", description: "Order of the list." })
  sort!: ReviewSort;

  @Field(() => Int, { nullable: true, description: "Only reviews with so many stars; 1–5." })
  rating?: number | null;
}
