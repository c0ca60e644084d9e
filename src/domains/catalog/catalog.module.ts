import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Database } from "../../platform/db/database.ts";
import type { Tx, UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import { registerNodeSource } from "../../platform/graphql/node.ts";
import { isId, type Ids } from "../../platform/ids/ids.ts";
import type { Idempotency } from "../../platform/jobs/idempotency.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { RateLimiter } from "../../platform/redis/rate-limiter.ts";
import { createCatalogLoaders } from "./catalog.loaders.ts";
import { createCatalogPersonalData } from "./catalog.personal-data.ts";
import { catalogRoutes, imagePath } from "./catalog.routes.ts";
import { openCatalogReads } from "./catalog.reads.ts";
import { CatalogService } from "./catalog.service.ts";
import { categoryColumnsFor } from "./category.columns.ts";
import { CategoryRepository } from "./category.repository.ts";
import { CategoryResolver, SkinConcernResolver } from "./category.resolver.ts";
import { FacetRepository } from "./facets/facet.repository.ts";
import { CategoryFacetResolver, ProductSearchResolver } from "./facets/facet.resolver.ts";
import { productColumnsFor } from "./product.columns.ts";
import { ProductRepository } from "./product.repository.ts";
import { ProductImageResolver, ProductResolver } from "./product.resolver.ts";
import { RecommendationRepository } from "./recommendation.repository.ts";
import { OwnReviewRepository } from "./reviews/own-review.repository.ts";
import { ReviewModeration } from "./reviews/review-moderation.service.ts";
import { ReviewVoteRepository } from "./reviews/review-vote.repository.ts";
import {
  ReviewVoteResolver,
  ReviewWritingResolver,
  ViewerReviewResolver,
  ViewerReviewsResolver,
} from "./reviews/review-writing.resolver.ts";
import { ReviewWritingService } from "./reviews/review-writing.service.ts";
import { createReviewLoaders } from "./reviews/review.loaders.ts";
import { openReviewReads } from "./reviews/review.reads.ts";
import { reviewColumnsFor } from "./reviews/review.columns.ts";
import { ReviewRepository } from "./reviews/review.repository.ts";
import {
  ProductReviewsResolver,
  RatingSummaryResolver,
  ReviewResolver,
} from "./reviews/review.resolver.ts";
import { ReviewService } from "./reviews/review.service.ts";
import { SuggestionRepository } from "./search/suggestion.repository.ts";
import { SuggestionResolver } from "./search/suggestion.resolver.ts";
import { ShelfRepository } from "./shelf.repository.ts";
import { createWishlistLoaders } from "./wishlists/wishlist.loaders.ts";
import { WishlistRepository } from "./wishlists/wishlist.repository.ts";
import {
  ProductWishlistResolver,
  WishlistItemResolver,
  WishlistResolver,
} from "./wishlists/wishlist.resolver.ts";
import { WishlistService } from "./wishlists/wishlist.service.ts";

export interface CatalogDeps {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly events: DomainEvents;
  readonly idempotency: Idempotency;
  readonly rateLimiter: RateLimiter;
  /** Keeps a session from ending during a transaction; false when it has ended. */
  readonly holdSession: (tx: Tx, sessionId: string) => Promise<boolean>;
  readonly ids: Ids;
  readonly blobs: BlobStore;
  /** How clients reach this server, such as https://api.example.com; asked for each URL, because a free port is known late. */
  readonly publicUrl: () => string;
}

/** The shop, put together. */
export interface CatalogModule extends DomainModule {
  readonly catalog: CatalogService;
  readonly reviews: ReviewService;
  readonly moderation: ReviewModeration;
}

/** Puts the catalogue together. */
export function createCatalogModule(deps: CatalogDeps): CatalogModule {
  const reads = openCatalogReads({
    products: new ProductRepository(deps.database),
    categories: new CategoryRepository(deps.database),
    facets: new FacetRepository(deps.database),
    suggestions: new SuggestionRepository(deps.database),
  });
  const recommendations = new RecommendationRepository(deps.database);
  const shelves = new ShelfRepository(deps.database);
  const catalog = new CatalogService({ reads, recommendations, shelves });
  const reviews = openReviews(deps);
  const wishlists = new WishlistRepository(deps.database);
  const imageUrl = (key: string) => `${deps.publicUrl()}${imagePath(key)}`;
  registerCatalogNodes();
  return {
    catalog,
    reviews: reviews.service,
    moderation: reviews.moderation,
    resolvers: [
      new ProductResolver(catalog, imageUrl),
      new ProductImageResolver(imageUrl),
      new CategoryResolver(catalog),
      new SkinConcernResolver(catalog),
      new ProductSearchResolver(catalog),
      new CategoryFacetResolver(),
      new SuggestionResolver(catalog),
      ...reviews.resolvers,
      new WishlistResolver(new WishlistService({ wishlists, uow: deps.unitOfWork })),
      new WishlistItemResolver(),
      new ProductWishlistResolver(),
    ],
    loaders: () => ({
      ...createCatalogLoaders(reads),
      ...createReviewLoaders(reviews),
      ...createWishlistLoaders(wishlists),
    }),
    personalData: createCatalogPersonalData({ ...reviews, wishlists }),
    reconcile: () => reviews.service.reconcile(),
    routes: catalogRoutes(deps.blobs),
  };
}

function openReviews(deps: CatalogDeps) {
  const reviews = new ReviewRepository(deps.database);
  const own = new OwnReviewRepository(deps.database);
  const votes = new ReviewVoteRepository(deps.database);
  const reads = openReviewReads(reviews);
  const service = new ReviewService({ reviews, reads, ids: deps.ids });
  const writing = new ReviewWritingService({ ...deps, uow: deps.unitOfWork, reviews, own, votes });
  return {
    own,
    votes,
    reads,
    service,
    moderation: new ReviewModeration({ own, events: deps.events }),
    resolvers: [
      new ProductReviewsResolver(service),
      new ReviewResolver(),
      new RatingSummaryResolver(),
      new ReviewWritingResolver(writing),
      new ViewerReviewsResolver(writing),
      new ViewerReviewResolver(),
      new ReviewVoteResolver(),
    ],
  };
}

function registerCatalogNodes(): void {
  registerNodeSource({
    prefix: "prd",
    typeName: "Product",
    load: (context, ids, info) => {
      const columns = productColumnsFor(info, context);
      return each(ids, "prd", (id) => context.loaders.product.load(id, columns));
    },
  });
  registerNodeSource({
    prefix: "rev",
    typeName: "Review",
    load: ({ loaders, signedIn: viewer }, ids, info) => {
      const columns = reviewColumnsFor(info);
      return each(ids, "rev", async (id) => {
        const approved = await loaders.review.load(id, columns);
        if (approved !== null || viewer === null) return approved;
        return loaders.ownReview.load({ userId: viewer.userId, id });
      });
    },
  });
  registerNodeSource({
    prefix: "cat",
    typeName: "Category",
    load: (context, ids, info) => {
      const columns = categoryColumnsFor(info, context);
      return each(ids, "cat", (id) => context.loaders.category.load(id, columns));
    },
  });
}

/** Nothing for what is no id of this kind. */
const each = <R>(
  ids: readonly string[],
  prefix: Parameters<typeof isId>[1],
  load: (id: string) => Promise<R | null>,
): Promise<(R | null)[]> =>
  Promise.all(ids.map((id) => (isId(id, prefix) ? load(id) : Promise.resolve(null))));
