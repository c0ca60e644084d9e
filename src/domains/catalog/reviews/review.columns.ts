import type { GraphQLResolveInfo } from "graphql";
import { ColumnChoice } from "../../../platform/graphql/selected-fields.ts";
import { ReviewColumns, reviewGroups } from "./review.repository.ts";

const choice = new ColumnChoice("Review", {
  "Review.comment": ReviewColumns.TEXTS,
  "Review.isVerifiedPurchase": ReviewColumns.TRUST,
  "Review.helpfulCount": ReviewColumns.TRUST,
});

/** The groups of columns that the reviews of a field's answer need. */
export const reviewColumnsFor = (info: GraphQLResolveInfo | undefined): number =>
  reviewGroups(choice.of(info));
