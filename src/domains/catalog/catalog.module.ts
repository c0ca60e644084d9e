import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Database } from "../../platform/db/database.ts";
import { registerNodeSource } from "../../platform/graphql/node.ts";
import { isId } from "../../platform/ids/ids.ts";
import type { DomainModule } from "../../platform/module.ts";
import { createCatalogLoaders } from "./catalog.loaders.ts";
import { catalogRoutes, imagePath } from "./catalog.routes.ts";
import { CatalogService } from "./catalog.service.ts";
import { CategoryRepository } from "./category.repository.ts";
import { CategoryResolver, SkinConcernResolver } from "./category.resolver.ts";
import { FacetRepository } from "./facets/facet.repository.ts";
import { CategoryFacetResolver, ProductSearchResolver } from "./facets/facet.resolver.ts";
import { ProductRepository } from "./product.repository.ts";
import { ProductImageResolver, ProductResolver } from "./product.resolver.ts";
import { RecommendationRepository } from "./recommendation.repository.ts";
import { SuggestionRepository } from "./search/suggestion.repository.ts";
import { SuggestionResolver } from "./search/suggestion.resolver.ts";
import { ShelfRepository } from "./shelf.repository.ts";

export interface CatalogDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  /** How clients reach this server, such as https://api.example.com; asked for each URL, because a free port is known late. */
  readonly publicUrl: () => string;
}

/** Puts the catalogue together. */
export function createCatalogModule(deps: CatalogDeps): DomainModule & { catalog: CatalogService } {
  const products = new ProductRepository(deps.database);
  const categories = new CategoryRepository(deps.database);
  const recommendations = new RecommendationRepository(deps.database);
  const shelves = new ShelfRepository(deps.database);
  const catalog = new CatalogService({
    products,
    categories,
    recommendations,
    shelves,
    facets: new FacetRepository(deps.database),
    suggestions: new SuggestionRepository(deps.database),
  });
  const imageUrl = (key: string) => `${deps.publicUrl()}${imagePath(key)}`;
  registerCatalogNodes();
  return {
    catalog,
    resolvers: [
      new ProductResolver(catalog, imageUrl),
      new ProductImageResolver(imageUrl),
      new CategoryResolver(catalog),
      new SkinConcernResolver(catalog),
      new ProductSearchResolver(catalog),
      new CategoryFacetResolver(),
      new SuggestionResolver(catalog),
    ],
    loaders: () => createCatalogLoaders(products, categories),
    routes: catalogRoutes(deps.blobs),
  };
}

function registerCatalogNodes(): void {
  registerNodeSource({
    prefix: "prd",
    typeName: "Product",
    load: ({ loaders }, ids) =>
      Promise.all(ids.map(async (id) => (isId(id, "prd") ? loaders.product.load(id) : null))),
  });
  registerNodeSource({
    prefix: "cat",
    typeName: "Category",
    load: ({ loaders }, ids) =>
      Promise.all(ids.map(async (id) => (isId(id, "cat") ? loaders.category.load(id) : null))),
  });
}
