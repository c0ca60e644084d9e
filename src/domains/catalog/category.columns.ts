import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../platform/graphql/context.ts";
import { ColumnChoice } from "../../platform/graphql/selected-fields.ts";
import { CategoryColumns, categoryGroups } from "./category.repository.ts";
import { textNeeds } from "./text.columns.ts";

const { TEXTS, KHMER } = CategoryColumns;

const choice = new ColumnChoice("Category", {
  "Category.name": textNeeds(0, KHMER),
  "Category.description": textNeeds(TEXTS, KHMER),
});

/** The groups of columns that the categories of a field's answer need. */
export const categoryColumnsFor = (
  info: GraphQLResolveInfo | undefined,
  { language }: Context,
): number => categoryGroups(choice.of(info) | (language === "KH" ? KHMER : 0));
