export { createCatalogModule } from "./catalog.module.ts";
export type { CatalogService, Recommendation, RecommendationWish } from "./catalog.service.ts";
export type { ShelfProduct } from "./shelf.repository.ts";
export { money } from "./catalog.money.ts";
export { catalogEntities } from "./catalog.entity.ts";
/** GraphQL types; resolve a `Product` from an id by `context.loaders.product`, with `productColumnsFor` the field. */
export { Money, Product } from "./catalog.types.ts";
export type { ProductRow } from "./product-columns.repository.ts";
export { PRODUCT_CARD, productColumnsFor } from "./product.columns.ts";
export {
  CONCERN_NAMES,
  localized,
  SkinConcerns,
  SkinTypes,
  type ConcernSeverity,
  type SkinConcern,
  type SkinType,
} from "./catalog.vocabulary.ts";
export type {
  ModeratedReview,
  ReviewDecision,
  ReviewModeration,
} from "./reviews/review-moderation.service.ts";
export { reviewApproved } from "./reviews/review.events.ts";
export { Review } from "./reviews/review.types.ts";
export { ReviewStatuses, type ReviewStatus } from "./reviews/review.vocabulary.ts";
export { seedCatalog, type SeedingReport } from "./catalog.seeding.ts";
export { seedScale } from "./scale/scale.seeding.ts";
