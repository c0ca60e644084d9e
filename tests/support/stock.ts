import { seedCatalog } from "../../src/domains/catalog/index.ts";
import { loadCatalogSeed } from "../../src/domains/catalog/seed/catalog-seed.ts";
import type { App } from "../../src/main/app.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";

type DemonstrationProduct = ReturnType<typeof loadCatalogSeed>["products"][number];

const MAX_PICTURE_BYTES = 1_000_000;
/** By key: to draw one takes longer than all else about its product, and the next shop has the same. */
const pictures = new Map<string, Uint8Array>();

/** Puts those products of the demonstration catalogue on sale that are wanted, with one picture each. */
export async function stockShop(
  node: App | undefined,
  wanted: (product: DemonstrationProduct, index: number) => boolean,
): Promise<void> {
  if (!node) throw new Error("A shop needs an api node.");
  const { stores, parts, providers } = node;
  const { blobs } = providers;
  const { categories, products } = loadCatalogSeed();
  const some = products.filter(wanted).map((product) => ({ ...product, pictureCount: 1 }));
  await Promise.all([...pictures].map(([key, bytes]) => blobs.write(key, bytes, "image/webp")));
  await seedCatalog({
    uow: parts.unitOfWork,
    blobs,
    ids: stores.ids,
    log: createLogger("silent"),
    content: { categories, products: some },
  });
  const rows = await stores.database.query<{ key: string }>(
    "select image as key from product_images",
  );
  for (const { key } of rows) {
    if (!pictures.has(key)) pictures.set(key, await blobs.read(key, MAX_PICTURE_BYTES));
  }
}
