import type { GraphQLResolveInfo } from "graphql";
import { ColumnChoice } from "../../platform/graphql/selected-fields.ts";
import { CategoryColumns, categoryGroups } from "./category.repository.ts";

const choice = new ColumnChoice("Category", { "Category.description": CategoryColumns.TEXTS });

/** The groups of columns that the categories of a field's answer need. */
export const categoryColumnsFor = (info: GraphQLResolveInfo | undefined): number =>
  categoryGroups(choice.of(info));
