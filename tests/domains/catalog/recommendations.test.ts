import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { RecommendationWish } from "../../../src/domains/catalog/index.ts";
import { countStatements } from "../../../src/platform/db/statements.ts";
import { freshDatabase } from "../../support/database.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
let drop: () => Promise<void>;
const slugOf = new Map<string, string>();

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  const cleansers = (await shop.category("cleansers")).id;
  const serums = (await shop.category("serums")).id;
  const products = await shop.products([
    { slug: "acne-wash", categoryId: cleansers, skinConcerns: ["ACNE"], skinTypes: ["OILY"] },
    { slug: "acne-foam", categoryId: cleansers, skinConcerns: ["ACNE", "OILINESS"], skinTypes: [] },
    { slug: "dry-milk", categoryId: cleansers, skinConcerns: ["DRYNESS"], skinTypes: ["DRY"] },
    {
      slug: "calm-serum",
      categoryId: serums,
      skinConcerns: ["REDNESS"],
      skinTypes: ["OILY"],
      ingredients: ["Aqua", "Parfum (Fragrance)"],
    },
    {
      slug: "acne-serum",
      categoryId: serums,
      skinConcerns: ["ACNE"],
      skinTypes: ["DRY"],
      ingredients: ["Aqua", "Salicylic Acid"],
    },
    { slug: "sold-out", categoryId: serums, skinConcerns: ["ACNE", "REDNESS"], stock: 0 },
    { slug: "draft", categoryId: serums, skinConcerns: ["ACNE", "REDNESS"], status: "draft" },
  ]);
  for (const product of products) slugOf.set(product.id, product.slug);
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const find = async (wish: Partial<RecommendationWish>) =>
  (
    await shop.catalog.recommendFor({
      concerns: [],
      skinType: null,
      ingredientsToAvoid: [],
      limit: 10,
      ...wish,
    })
  ).map(({ productId, ...rest }) => ({ slug: slugOf.get(productId), ...rest }));

test("one of each step first, the best first, in one statement", async () => {
  const { result, count } = await countStatements(() =>
    find({
      concerns: [
        { concern: "ACNE", severity: "SEVERE" },
        { concern: "REDNESS", severity: "MILD" },
      ],
      skinType: "OILY",
    }),
  );
  expect(count.statements).toBe(1);
  expect(result.map((found) => found.slug)).toEqual([
    "acne-wash",
    "acne-serum",
    "acne-foam",
    "calm-serum",
  ]);
  // Three of four severity points, and made for the skin type.
  expect(result[0]).toMatchObject({ score: 0.75 * 0.75 + 0.25, matchedConcerns: ["ACNE"] });
});

test("severity decides", async () => {
  const concerns = (redness: "MILD" | "SEVERE") => [
    { concern: "ACNE", severity: "MODERATE" } as const,
    { concern: "REDNESS", severity: redness } as const,
  ];
  const serum = async (redness: "MILD" | "SEVERE") =>
    (await find({ concerns: concerns(redness) })).find((found) => found.slug?.includes("serum"))
      ?.slug;
  expect(await serum("SEVERE")).toBe("calm-serum");
  expect(await serum("MILD")).toBe("acne-serum");
});

test("what holds an ingredient to avoid is left out, however labels spell it", async () => {
  const slugs = async (...ingredientsToAvoid: string[]) =>
    (
      await find({
        concerns: [
          { concern: "ACNE", severity: "MILD" },
          { concern: "REDNESS", severity: "MILD" },
        ],
        ingredientsToAvoid,
      })
    ).map((found) => found.slug);
  expect(await slugs()).toContain("calm-serum");
  expect(await slugs(" Fragrance ")).not.toContain("calm-serum");
  expect(await slugs("perfume", "BHA")).toEqual(["acne-wash", "acne-foam"]);
  expect(await slugs("", "\0", "unobtainium")).toHaveLength(4);
});

test("without concerns the skin type decides; without anything there is still an answer", async () => {
  const dry = await find({ skinType: "DRY", limit: 2 });
  expect(dry.map((found) => found.slug).sort()).toEqual(["acne-serum", "dry-milk"]);
  expect(await find({ limit: 1 })).toHaveLength(1);
  expect(await find({ concerns: [{ concern: "DARK_CIRCLES", severity: "MILD" }] })).toEqual([]);
  for (const found of await find({})) expect(found.score).toBeLessThanOrEqual(1);
});
