import { Kind, type FieldNode, type GraphQLResolveInfo } from "graphql";
import type { Context } from "../../platform/graphql/context.ts";
import { ColumnChoice } from "../../platform/graphql/selected-fields.ts";
import { ProductColumns, productGroups } from "./product-columns.repository.ts";

const { SUMMARY, TEXTS, LISTS, KHMER } = ProductColumns;

/** A text is needed in Khmer, too, unless it is asked for in English or in the viewer's language. */
const text = (group: number) => (field: FieldNode) => {
  const language = field.arguments?.find(({ name }) => name.value === "language")?.value;
  const isPlain =
    language === undefined ||
    language.kind === Kind.NULL ||
    (language.kind === Kind.ENUM && language.value === "EN");
  return isPlain ? group : group | KHMER;
};

const choice = new ColumnChoice("Product", {
  "Product.shortDescription": text(SUMMARY),
  "Product.description": text(TEXTS),
  "Product.usageInstructions": text(TEXTS),
  "Product.ingredients": LISTS,
  "Product.skinTypes": LISTS,
  "Product.skinConcerns": LISTS,
  "RatingSummary.histogram": LISTS,
});

/** No group: for those who need of a product what is always read, such as its price, or whether it is on sale. */
export const PRODUCT_CARD = 0;

/** The groups of columns that the products of a field's answer need. */
export const productColumnsFor = (
  info: GraphQLResolveInfo | undefined,
  { language }: Context,
): number => productGroups(choice.of(info) | (language === "KH" ? KHMER : 0));
