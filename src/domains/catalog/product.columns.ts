import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../platform/graphql/context.ts";
import { ColumnChoice } from "../../platform/graphql/selected-fields.ts";
import { ProductColumns, productGroups } from "./product-columns.repository.ts";
import { textNeeds } from "./text.columns.ts";

const { SUMMARY, TEXTS, LISTS, KHMER, TILE, MEASURES } = ProductColumns;

const choice = new ColumnChoice("Product", {
  "Product.name": textNeeds(0, KHMER),
  "Product.imageUrl": TILE,
  "Product.compareAtPrice": TILE,
  "Product.weightGrams": MEASURES,
  "Product.volumeMl": MEASURES,
  "Product.shortDescription": textNeeds(SUMMARY, KHMER),
  "Product.description": textNeeds(TEXTS, KHMER),
  "Product.usageInstructions": textNeeds(TEXTS, KHMER),
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
