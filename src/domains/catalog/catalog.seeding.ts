import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Tx, UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import { CatalogWriter, type NewCategory, type NewProduct } from "./catalog-writer.repository.ts";
import type { ProductImageEntity } from "./catalog.entity.ts";
import { decimalOf } from "./catalog.money.ts";
import { productImageKey } from "./catalog.routes.ts";
import type { CatalogSeed, SeedCategory, SeedProduct } from "./seed/catalog-seed.ts";

export interface SeedingDeps {
  readonly uow: UnitOfWork;
  readonly blobs: BlobStore;
  readonly ids: Ids;
  readonly log: Logger;
  /** Called after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
  /** What to put in place of the demonstration catalogue. */
  readonly content?: CatalogSeed;
}

/** How many rows were added or changed, and how many pictures drawn; all zero when nothing was new. */
export interface SeedingReport {
  readonly categories: number;
  readonly products: number;
  readonly shelves: number;
  readonly images: number;
  readonly picturesDrawn: number;
}

// Part of the pictures' names: raise it when the drawing changes, because old pictures are cached for ever.
const PICTURE_VERSION = 1;
const PICTURES_AT_ONCE = 2;

/**
 * Puts the demonstration catalogue into the shop. May be run again and by several processes: rows are found by their
 * slugs and keep their ids, equal rows are left alone, and pictures are drawn only where the store has none.
 */
export async function seedCatalog(deps: SeedingDeps): Promise<SeedingReport> {
  // The texts and the drawing are large and needed only here.
  const content = deps.content ?? (await import("./seed/catalog-seed.ts")).loadCatalogSeed();
  const writer = new CatalogWriter();
  const rows = await deps.uow.run(async (tx) => {
    await writer.lock(tx);
    return putRows(tx, writer, deps.ids, content);
  });
  // Drawing takes seconds; the shop can be used meanwhile.
  const picturesDrawn = await drawMissing(deps, content);
  const report = { ...rows, picturesDrawn };
  deps.log.info(report, "the catalogue is in place");
  return report;
}

async function putRows(
  tx: Tx,
  writer: CatalogWriter,
  ids: Ids,
  { categories, products }: CatalogSeed,
): Promise<Omit<SeedingReport, "picturesDrawn">> {
  const knownCategories = await writer.categoryIds(tx, slugsOf(categories));
  const knownProducts = await writer.productIds(tx, slugsOf(products));
  const categoryIds = withNewIds(categories, knownCategories, () => ids.next("cat"));
  const productIds = withNewIds(products, knownProducts, () => ids.next("prd"));
  return {
    categories: await writer.putCategories(
      tx,
      categories.map((category) => categoryRow(category, categoryIds)),
    ),
    products: await writer.putProducts(
      tx,
      products.map((product) => productRow(product, productIds, categoryIds)),
    ),
    shelves: await writer.setShelves(
      tx,
      [...productIds.values()],
      products.flatMap((product) =>
        product.categorySlugs.map((slug) => ({
          productId: idOf(productIds, product.slug),
          categoryId: idOf(categoryIds, slug),
        })),
      ),
    ),
    images: await writer.putImages(
      tx,
      products.flatMap((product) =>
        placesOf(product).map((place) => imageRow(product, place, ids.next("img"), productIds)),
      ),
    ),
  };
}

function categoryRow(category: SeedCategory, ids: ReadonlyMap<string, string>): NewCategory {
  return {
    id: idOf(ids, category.slug),
    slug: category.slug,
    nameEn: category.nameEn,
    nameKh: category.nameKh,
    descriptionEn: category.descriptionEn,
    descriptionKh: null,
    parentId: category.parentSlug === null ? null : idOf(ids, category.parentSlug),
    image: null,
    isActive: true,
    sortOrder: category.sortOrder,
  };
}

function productRow(
  product: SeedProduct,
  ids: ReadonlyMap<string, string>,
  categoryIds: ReadonlyMap<string, string>,
): NewProduct {
  const { compareAtPriceMinor, volumeMl } = product;
  return {
    id: idOf(ids, product.slug),
    slug: product.slug,
    sku: product.sku,
    barcode: null,
    nameEn: product.nameEn,
    nameKh: product.nameKh,
    brand: product.brand,
    descriptionEn: product.descriptionEn,
    descriptionKh: product.descriptionKh,
    shortDescriptionEn: product.shortDescriptionEn,
    shortDescriptionKh: null,
    usageInstructionsEn: product.usageInstructions,
    usageInstructionsKh: null,
    price: decimalOf(product.priceMinor),
    compareAtPrice: compareAtPriceMinor === null ? null : decimalOf(compareAtPriceMinor),
    costPrice: null,
    stock: product.stock,
    trackInventory: true,
    allowBackorders: false,
    weightGrams: product.weightGrams,
    dimensions: volumeMl === null ? null : { volumeMl },
    categoryId: idOf(categoryIds, product.categorySlugs[0] ?? ""),
    skinTypes: product.skinTypes,
    skinConcerns: product.concerns,
    ingredients: product.ingredients,
    image: pictureKey(product, 0),
    metaTitle: null,
    metaDescription: null,
    status: "active",
    isFeatured: product.isFeatured,
    publishedAt: new Date(product.publishedAt),
  };
}

const imageRow = (
  product: SeedProduct,
  place: number,
  id: string,
  productIds: ReadonlyMap<string, string>,
): ProductImageEntity => ({
  id,
  productId: idOf(productIds, product.slug),
  image: pictureKey(product, place),
  altTextEn: `${product.nameEn} by ${product.brand}`,
  altTextKh: `${product.nameKh} – ${product.brand}`,
  sortOrder: place,
  isPrimary: place === 0,
});

/** Draws before the rows are written, so that no product is ever shown without its pictures. */
async function drawMissing(deps: SeedingDeps, content: CatalogSeed): Promise<number> {
  const { drawProductPicture } = await import("./seed/product-picture.ts");
  const colors = new Map(content.categories.map((category) => [category.slug, category.color]));
  const wanted = content.products.flatMap((product) =>
    placesOf(product).map((place) => ({ product, place, key: pictureKey(product, place) })),
  );
  const waiting = wanted.values();
  let done = 0;
  let drawn = 0;
  const drawer = async () => {
    for (const { product, place, key } of waiting) {
      if ((await deps.blobs.head(key)) === null) {
        const color = colors.get(product.categorySlugs[0] ?? "") ?? "#cccccc";
        const { brand, nameEn, shape } = product;
        const picture = await drawProductPicture({ brand, nameEn, shape, color, index: place });
        await deps.blobs.write(key, picture, "image/webp");
        drawn += 1;
      }
      done += 1;
      deps.onProgress?.(done, wanted.length);
    }
  };
  await Promise.all(Array.from({ length: PICTURES_AT_ONCE }, drawer));
  return drawn;
}

const pictureKey = (product: SeedProduct, place: number): string =>
  productImageKey(`${product.slug}-v${PICTURE_VERSION}-${place}.webp`);

const placesOf = (product: SeedProduct): number[] => [...Array(product.pictureCount).keys()];

const slugsOf = (rows: readonly { slug: string }[]): string[] => rows.map((row) => row.slug);

const withNewIds = (
  rows: readonly { slug: string }[],
  known: ReadonlyMap<string, string>,
  next: () => string,
): Map<string, string> => new Map(rows.map(({ slug }) => [slug, known.get(slug) ?? next()]));

function idOf(ids: ReadonlyMap<string, string>, slug: string): string {
  const id = ids.get(slug);
  if (id === undefined) throw new Error(`The catalogue names "${slug}" but does not describe it.`);
  return id;
}
