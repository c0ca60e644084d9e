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
    "id slug sku brand name description shortDescription usageInstructions price compareAtPrice inStock weightGrams volumeMl skinTypes skinConcerns ingredients imageUrl images categories isFeatured publishedAt ratingSummary reviews",
  ),
  ...of("ProductImage", "id url altText isPrimary"),
  ...of("Category", "id slug name description parent children products"),
  ...of("Money", "amount currency"),
  ...of("SkinConcernSummary", "concern name productCount"),
  ...of("RatingSummary", "average count histogram"),
  ...of(
    "Review",
    "id rating title comment authorName isVerifiedPurchase helpfulCount createdAt product",
  ),
  ...of("ReviewConnection", "edges nodes pageInfo"),
  ...of("ReviewEdge", "cursor node"),
  ...of("ProductSearchConnection", "edges nodes pageInfo totalCount facets"),
  ...of("ProductFacets", "categories brands concerns skinTypes priceBands"),
  ...of("CategoryFacet", "category productCount"),
  ...of("BrandFacet", "brand productCount"),
  ...of("ConcernFacet", "concern productCount"),
  ...of("SkinTypeFacet", "skinType productCount"),
  ...of("PriceBandFacet", "priceMin priceMax productCount"),
  ...of("ProductConnection", "edges nodes pageInfo"),
  ...of("ProductEdge", "cursor node"),
  ...of("PageInfo", "hasNextPage hasPreviousPage startCursor endCursor"),
];
