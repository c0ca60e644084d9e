import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionResult, GraphQLFormattedError, GraphQLSchema } from "graphql";
import {
  catalogEntities,
  createCatalogModule,
  type CatalogService,
} from "../../../src/domains/catalog/index.ts";
import {
  CatalogWriter,
  type NewCategory,
  type NewProduct,
} from "../../../src/domains/catalog/catalog-writer.repository.ts";
import type { ProductImageEntity } from "../../../src/domains/catalog/catalog.entity.ts";
import { LocalBlobStore } from "../../../src/platform/blobs/local-blob-store.ts";
import { systemClock } from "../../../src/platform/clock/clock.ts";
import { Database } from "../../../src/platform/db/database.ts";
import { countStatements } from "../../../src/platform/db/statements.ts";
import { UnitOfWork } from "../../../src/platform/db/unit-of-work.ts";
import { DomainEvents } from "../../../src/platform/events/domain-events.ts";
import type { Context, Language } from "../../../src/platform/graphql/context.ts";
import { GraphQLEngine } from "../../../src/platform/graphql/engine.ts";
import { composeLoaders } from "../../../src/platform/graphql/loaders.ts";
import { NodeResolver } from "../../../src/platform/graphql/node.resolver.ts";
import { buildGraphQLSchema } from "../../../src/platform/graphql/schema.ts";
import { Ids } from "../../../src/platform/ids/ids.ts";
import { Idempotency } from "../../../src/platform/jobs/idempotency.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { RateLimiter } from "../../../src/platform/redis/rate-limiter.ts";
import { migrations } from "../../../migrations/index.ts";

export interface Answer {
  data: any;
  errors: readonly GraphQLFormattedError[];
  statements: number;
}

/** The catalogue alone over a fresh database: what it answers, and in how many statements. */
export interface Shop {
  database: Database;
  uow: UnitOfWork;
  blobs: LocalBlobStore;
  ids: Ids;
  catalog: CatalogService;
  module: ReturnType<typeof createCatalogModule>;
  schema: GraphQLSchema;
  ask(query: string, variables?: Record<string, unknown>, language?: Language): Promise<Answer>;
  category(slug: string, more?: Partial<NewCategory>): Promise<NewCategory>;
  products(rows: readonly (Partial<NewProduct> & { shelves?: string[] })[]): Promise<NewProduct[]>;
  images(products: readonly NewProduct[], each: number): Promise<void>;
  close(): Promise<void>;
}

const PUBLIC_URL = "https://facet.test";

/** @param url An empty database. */
export async function openShop(url: string): Promise<Shop> {
  const log = createLogger("silent");
  const database = await Database.open({
    url,
    poolSize: 4,
    applicationName: "catalog-test",
    entities: catalogEntities,
    migrations,
    log,
  });
  await database.migrate();
  const uow = new UnitOfWork(database, log);
  const dir = await mkdtemp(join(tmpdir(), "catalog-test-"));
  const blobs = new LocalBlobStore({
    dir,
    baseUrl: PUBLIC_URL,
    secret: "catalog-test-secret-0123456789abcdef",
    clock: systemClock,
  });
  const ids = new Ids(() => 1, systemClock);
  const module = createCatalogModule({
    database,
    unitOfWork: uow,
    events: new DomainEvents(),
    idempotency: new Idempotency(database),
    rateLimiter: new RateLimiter(null),
    holdSession: () => Promise.resolve(true),
    ids,
    blobs,
    publicUrl: () => PUBLIC_URL,
  });
  const engine = new GraphQLEngine({
    schema: buildGraphQLSchema([...module.resolvers, new NodeResolver()]),
    createLoaders: composeLoaders([module.loaders!]),
    streams: {} as Context["streams"],
    manifest: new Map(),
    trustedDocumentsOnly: false,
    introspection: false,
    costBudgetPerMinute: Number.MAX_SAFE_INTEGER,
  });
  const execute = async (
    query: string,
    variableValues: Record<string, unknown>,
    contextValue: Context,
  ): Promise<ExecutionResult> => {
    const prepared = engine.prepare({ query });
    if (!("document" in prepared)) return { errors: prepared };
    return engine.execute({ document: prepared.document, variableValues, contextValue });
  };
  const writer = new CatalogWriter();
  let made = 0;

  const ask: Shop["ask"] = async (source, variableValues = {}, language = "EN") => {
    const contextValue: Context = {
      requestId: "req_test",
      ip: "127.0.0.1",
      userAgent: null,
      signedIn: {
        userId: "usr_test",
        sessionId: "ses_test",
        role: "CUSTOMER",
        language,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
      },
      refusal: null,
      language,
      loaders: engine.createLoaders(),
      streams: engine.streams,
    };
    const { result, count } = await countStatements(() =>
      execute(source, variableValues, contextValue),
    );
    const errors = (result.errors ?? []).map((error) => error.toJSON());
    return { data: result.data, errors, statements: count.statements };
  };

  return {
    database,
    uow,
    blobs,
    ids,
    catalog: module.catalog,
    module,
    schema: engine.schema,
    ask,
    async category(slug, more = {}) {
      const category: NewCategory = {
        id: ids.next("cat"),
        slug,
        nameEn: slug,
        nameKh: null,
        descriptionEn: null,
        descriptionKh: null,
        parentId: null,
        image: null,
        isActive: true,
        sortOrder: 0,
        ...more,
      };
      await uow.run((tx) => writer.putCategories(tx, [category]));
      return category;
    },
    async products(rows) {
      const products = rows.map(({ shelves: _, ...row }) => aProduct(ids.next("prd"), ++made, row));
      const shelves = products.flatMap((product, index) =>
        (rows[index]?.shelves ?? []).map((categoryId) => ({ productId: product.id, categoryId })),
      );
      await uow.run(async (tx) => {
        await writer.putProducts(tx, products);
        const productIds = products.map((product) => product.id);
        await writer.setShelves(tx, productIds, shelves);
      });
      return products;
    },
    async images(products, each) {
      const images = products.flatMap((product) =>
        Array.from({ length: each }, (_, place): ProductImageEntity => ({
          id: ids.next("img"),
          productId: product.id,
          image: `products/${product.slug}-${place}.webp`,
          altTextEn: "A jar",
          altTextKh: null,
          sortOrder: place,
          isPrimary: place === 0,
        })),
      );
      await uow.run((tx) => writer.putImages(tx, images));
    },
    async close() {
      await database.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function aProduct(id: string, number: number, more: Partial<NewProduct>): NewProduct {
  return {
    id,
    slug: `product-${number}`,
    sku: `SKU-${number}`,
    barcode: null,
    nameEn: `Product ${number}`,
    nameKh: null,
    brand: "Test House",
    descriptionEn: "A test product.",
    descriptionKh: null,
    shortDescriptionEn: null,
    shortDescriptionKh: null,
    usageInstructionsEn: null,
    usageInstructionsKh: null,
    price: "10.00",
    compareAtPrice: null,
    costPrice: null,
    stock: 5,
    trackInventory: true,
    allowBackorders: false,
    weightGrams: null,
    dimensions: null,
    categoryId: null,
    skinTypes: [],
    skinConcerns: [],
    ingredients: [],
    image: null,
    metaTitle: null,
    metaDescription: null,
    status: "active",
    isFeatured: false,
    publishedAt: new Date(Date.UTC(2026, 0, 1) + number * 60_000),
    ...more,
  };
}
