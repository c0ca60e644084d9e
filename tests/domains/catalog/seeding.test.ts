import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { seedCatalog, type SeedingReport } from "../../../src/domains/catalog/index.ts";
import {
  loadCatalogSeed,
  type CatalogSeed,
} from "../../../src/domains/catalog/seed/catalog-seed.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { freshDatabase } from "../../support/database.ts";
import { openShop, type Shop } from "./shop.ts";

const NOTHING: SeedingReport = {
  categories: 0,
  products: 0,
  shelves: 0,
  images: 0,
  picturesDrawn: 0,
};

let shop: Shop;
let drop: () => Promise<void>;
let content: CatalogSeed;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  // A part of the shop keeps the drawing short; the rows of all of it are put in place below.
  const whole = loadCatalogSeed();
  content = { ...whole, products: whole.products.slice(0, 8) };
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const seed = (
  what: CatalogSeed = content,
  onProgress: (done: number, total: number) => void = () => undefined,
) =>
  seedCatalog({
    uow: shop.uow,
    blobs: shop.blobs,
    ids: shop.ids,
    log: createLogger("silent"),
    content: what,
    onProgress,
  });

const everything = () =>
  shop.database.query(
    `select 'categories', to_jsonb(t) from categories t union all
     select 'products', to_jsonb(t) from products t union all
     select 'product_categories', to_jsonb(t) from product_categories t union all
     select 'product_images', to_jsonb(t) from product_images t order by 1, 2`,
  );

test("the first run fills the shop and tells how far it is, the second changes nothing", async () => {
  const pictures = content.products.reduce((sum, product) => sum + product.pictureCount, 0);
  const steps: number[] = [];
  const first = await seed(content, (done, total) => {
    expect(total).toBe(pictures);
    steps.push(done);
  });
  expect(first).toMatchObject({
    categories: content.categories.length,
    products: content.products.length,
    images: pictures,
    picturesDrawn: pictures,
  });
  expect(steps).toEqual(Array.from({ length: pictures }, (_, index) => index + 1));

  const before = await everything();
  expect(await seed()).toEqual(NOTHING);
  expect(await everything()).toEqual(before);
});

test("several processes may seed at once", async () => {
  await seed();
  expect(await Promise.all([seed(), seed(), seed()])).toEqual([NOTHING, NOTHING, NOTHING]);
});

test("a changed text is brought up to date under the same id; sold stock stays sold", async () => {
  await seed();
  const [first] = content.products;
  await shop.database.query("update products set stock = 1 where slug = $1", [first!.slug]);
  const changed = {
    ...content,
    products: [
      {
        ...first!,
        nameEn: "A new name",
        categorySlugs: first!.categorySlugs.slice(0, 1),
        stock: 99,
      },
      ...content.products.slice(1),
    ],
  };
  const read = () =>
    shop.database.query<{ id: string; name_en: string; stock: number }>(
      "select id, name_en, stock from products where slug = $1",
      [first!.slug],
    );
  const [before] = await read();
  expect(await seed(changed)).toMatchObject({
    categories: 0,
    products: 1,
    images: first!.pictureCount,
  });
  expect(await read()).toEqual([{ id: before!.id, name_en: "A new name", stock: 1 }]);
});

test("a picture that was lost is drawn again", async () => {
  await seed();
  const key = `products/${content.products[0]!.slug}-v1-0.webp`;
  await shop.blobs.delete(key);
  expect(await seed()).toMatchObject({ products: 0, picturesDrawn: 1 });
  const picture = await sharp(await shop.blobs.read(key, 2_000_000)).metadata();
  expect(picture.format).toBe("webp");
});

test("the answer shows the seeded shop, in Khmer, too", async () => {
  await seed();
  const answer = await shop.ask(
    `{ products(first: 8) { nodes { name description imageUrl images { url altText } categories { name } } } }`,
    {},
    "KH",
  );
  expect(answer.errors).toEqual([]);
  expect(answer.data.products.nodes).toHaveLength(8);
  for (const product of answer.data.products.nodes) {
    expect(product.name).toMatch(/[\u1780-\u17ff]/);
    expect(product.description).toMatch(/[\u1780-\u17ff]/);
    expect(product.imageUrl).toBe(product.images[0].url);
    expect(product.categories.length).toBeGreaterThan(0);
  }
});

test("content that names an unknown category is refused whole", async () => {
  const broken = {
    ...content,
    products: [
      { ...content.products[0]!, slug: "lost", sku: "LOS-TTT-001", categorySlugs: ["nowhere"] },
    ],
  };
  await expect(seed(broken)).rejects.toThrow(/nowhere/);
  const found = await shop.ask(`{ product(slug: "lost") { id } }`);
  expect(found.data.product).toBeNull();
});
