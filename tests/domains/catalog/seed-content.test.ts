import { describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { SkinConcern } from "../../../src/domains/catalog/catalog.vocabulary.ts";
import { loadCatalogSeed } from "../../../src/domains/catalog/seed/catalog-seed.ts";
import { drawProductPicture } from "../../../src/domains/catalog/seed/product-picture.ts";

const CONCERNS = [
  "DRYNESS",
  "TEXTURE",
  "DULLNESS",
  "DARK_SPOTS",
  "LOSS_OF_FIRMNESS",
  "FINE_LINES",
  "ACNE",
  "DARK_CIRCLES",
  "REDNESS",
  "OILINESS",
] as const satisfies readonly SkinConcern[];
const KHMER = /[\u1780-\u17FF]/;
const { categories, products } = loadCatalogSeed();

const repeated = (values: readonly string[]) =>
  values.filter((value, at) => values.indexOf(value) !== at);

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[a-z]+/g));

function similarity(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const both = [...left].filter((word) => right.has(word)).length;
  return both / (left.size + right.size - both);
}

describe("categories", () => {
  test("make a tree in which every parent comes before its children", () => {
    expect(categories.length).toBeGreaterThanOrEqual(12);
    const seen = new Set<string>();
    for (const { slug, parentSlug } of categories) {
      if (parentSlug !== null) expect(seen).toContain(parentSlug);
      seen.add(slug);
    }
    expect(seen.size).toBe(categories.length);
  });

  test("each leaf has products", () => {
    const parents = new Set(categories.map((category) => category.parentSlug));
    const leaves = categories.filter((category) => !parents.has(category.slug));
    for (const { slug } of leaves) {
      const inLeaf = products.filter((product) => product.categorySlugs.includes(slug));
      expect(inLeaf.length).toBeGreaterThanOrEqual(10);
    }
  });
});

describe("products", () => {
  test("are many, each with its own slug, SKU and names", () => {
    expect(products.length).toBeGreaterThanOrEqual(120);
    for (const key of ["slug", "sku", "nameEn", "nameKh", "descriptionKh"] as const) {
      expect(repeated(products.map((product) => product[key]))).toEqual([]);
    }
    expect(new Set(products.map((product) => product.brand)).size).toBe(10);
  });

  test("lie in categories that exist", () => {
    const slugs = new Set(categories.map((category) => category.slug));
    const lost = products.filter(
      (product) => !product.categorySlugs.every((slug) => slugs.has(slug)),
    );
    expect(lost).toEqual([]);
  });

  test("speak Khmer in their Khmer fields", () => {
    for (const product of products) {
      expect(product.nameKh).toMatch(KHMER);
      expect(product.descriptionKh).toMatch(KHMER);
    }
    for (const category of categories) expect(category.nameKh).toMatch(KHMER);
  });

  test("have plausible prices, stock and dates", () => {
    for (const product of products) {
      expect(product.priceMinor).toBeGreaterThanOrEqual(400);
      expect(product.priceMinor).toBeLessThanOrEqual(9500);
      if (product.compareAtPriceMinor !== null) {
        expect(product.compareAtPriceMinor).toBeGreaterThanOrEqual(product.priceMinor);
      }
      expect(product.stock).toBeLessThanOrEqual(400);
      expect(product.publishedAt).toMatch(/^202[4-6]-/);
    }
    const soldOut = products.filter((product) => product.stock === 0);
    expect(soldOut.length).toBeGreaterThanOrEqual(2);
  });

  test("name six to ten ingredients unless they are tools", () => {
    const odd = products.filter(({ ingredients, categorySlugs }) => {
      if (ingredients.length === 0) return categorySlugs[0] !== "tools-and-sets";
      return ingredients.length < 6 || ingredients.length > 10;
    });
    expect(odd).toEqual([]);
    for (const product of products) expect(repeated(product.ingredients)).toEqual([]);
  });

  test.each(CONCERNS)("serve %s widely", (concern) => {
    const serving = products.filter((product) => product.concerns.includes(concern));
    expect(serving.length).toBeGreaterThanOrEqual(8);
    expect(new Set(serving.map((product) => product.categorySlugs[0])).size).toBeGreaterThan(1);
    const prices = serving.map((product) => product.priceMinor);
    expect(Math.max(...prices)).toBeGreaterThan(2 * Math.min(...prices));
  });

  test("are described each in its own words", () => {
    const words = products.map((product) => wordsOf(product.descriptionEn));
    const alike = words.flatMap((left, at) =>
      words
        .slice(at + 1)
        .flatMap((right, offset) =>
          similarity(left, right) < 0.6
            ? []
            : [[products[at]?.slug, products[at + 1 + offset]?.slug]],
        ),
    );
    expect(alike).toEqual([]);
  });
});

describe("pictures", () => {
  const shapes = [...new Set(products.map((product) => product.shape))].sort();

  test.each(shapes)("of a %s are square WebP, and the same each time", async (shape) => {
    const input = { brand: "Brindle & Oat", nameEn: "Oat <Milk> Wash", shape, color: "#a9cfd8" };
    const picture = await drawProductPicture({ ...input, index: 0 });
    expect(await sharp(picture).metadata()).toMatchObject({
      format: "webp",
      width: 600,
      height: 600,
    });
    expect((await drawProductPicture({ ...input, index: 0 })).equals(picture)).toBe(true);
    expect((await drawProductPicture({ ...input, index: 1 })).equals(picture)).toBe(false);
  });

  test("cover every shape", () => {
    expect(shapes).toEqual(["BAR", "BOTTLE", "BOX", "DROPPER", "JAR", "PUMP", "TUBE"]);
  });
});
