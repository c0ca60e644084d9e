const of = (type: string, fields: string): string[] =>
  fields.split(" ").map((field) => `${type}.${field}`);

/**
 * Fields that are the same for everybody in a language, and change only with rows that `rows_changed` tells of: whole
 * answers made of them may be kept. A field is kept out unless it stands here.
 */
export const PUBLIC_CATALOG_FIELDS: readonly string[] = [
  ...of("Query", "product products category categories skinConcerns"),
  ...of(
    "Product",
    "id slug sku brand name description shortDescription usageInstructions price compareAtPrice inStock weightGrams volumeMl skinTypes skinConcerns ingredients imageUrl images categories isFeatured publishedAt",
  ),
  ...of("ProductImage", "id url altText isPrimary"),
  ...of("Category", "id slug name description parent children products"),
  ...of("Money", "amount currency"),
  ...of("SkinConcernSummary", "concern name productCount"),
  ...of("ProductConnection", "edges nodes pageInfo"),
  ...of("ProductEdge", "cursor node"),
  ...of("PageInfo", "hasNextPage hasPreviousPage startCursor endCursor"),
];
