import { describe, expect, test } from "@jest/globals";
import type { SkinFindings } from "../../../src/domains/analyses/index.ts";
import { SkinConcerns, type ShelfProduct } from "../../../src/domains/catalog/index.ts";
import { activesIn, conflictAmong } from "../../../src/domains/routines/choice/actives.ts";
import { chooseRoutine } from "../../../src/domains/routines/choice/choose-routine.ts";
import { ownWords } from "../../../src/domains/routines/wording/own-words.ts";
import { seeded } from "../../../src/platform/random/seeded.ts";

let next = 0;
const product = (shelf: string | string[], change: Partial<ShelfProduct> = {}): ShelfProduct => ({
  productId: `prd_${String(next++).padStart(4, "0")}`,
  shelves: [shelf].flat(),
  brand: "Brand",
  nameEn: `Thing ${next}`,
  nameKh: null,
  skinTypes: [],
  skinConcerns: ["ACNE", "FINE_LINES"],
  ingredientNames: ["aqua"],
  holdsAvoided: false,
  priceMinor: 1_000,
  isFeatured: false,
  ...change,
});
const findings = (change: Partial<SkinFindings> = {}): SkinFindings => ({
  skinType: "OILY",
  concerns: [{ concern: "ACNE", severity: "MODERATE" }],
  ingredientsToAvoid: [],
  ...change,
});
const shop = (): ShelfProduct[] =>
  ["cleansers", "serums", "moisturizers", "sunscreens", "eye-care"].map((slug) => product(slug));
const shown = (steps: ReturnType<typeof chooseRoutine>) =>
  steps.map(({ half, kind, product: chosen, gap }) => [half, kind, chosen?.productId ?? gap]);

describe("actives", () => {
  test.each([
    ["retinol", "RETINOID"],
    ["0.3% encapsulated retinol", "RETINOID"],
    ["hydroxypinacolone retinoate", "RETINOID"],
    ["Retinyl Palmitate", "RETINOID"],
    ["salicylic acid", "EXFOLIATING_ACID"],
    ["gluconolactone", "EXFOLIATING_ACID"],
    ["tetrahexyldecyl ascorbate", "VITAMIN_C"],
    ["l-ascorbic acid", "VITAMIN_C"],
    ["benzoyl peroxide", "BENZOYL_PEROXIDE"],
  ])("%s is one", (name, active) => expect(activesIn([name])).toEqual([active]));

  test.each([
    "ethylhexyl salicylate",
    "citric acid",
    "hyaluronic acid",
    "bakuchiol",
    "lactobacillus",
  ])("%s is none", (name) => expect(activesIn([name])).toEqual([]));
});

test("a whole shop gives a whole day; sunscreen in the morning only, each product once in a half", () => {
  const goods = shop();
  const steps = chooseRoutine(findings(), goods);
  expect(steps.map(({ half, kind }) => `${half} ${kind}`)).toEqual([
    "MORNING CLEANSE",
    "MORNING TREAT",
    "MORNING MOISTURIZE",
    "MORNING PROTECT",
    "EVENING CLEANSE",
    "EVENING TREAT",
    "EVENING MOISTURIZE",
  ]);
  expect(steps.every(({ gap }) => gap === null)).toBe(true);
});

test("an empty shop gives an honest day", () => {
  const steps = chooseRoutine(findings(), []);
  expect(new Set(steps.map(({ gap }) => gap))).toEqual(new Set(["NOT_ON_SALE"]));
  const words = ownWords({
    ...findings(),
    language: "EN",
    steps: steps.map((step) => ({ ...step, productName: null })),
  });
  expect(words.summary).toContain("For 7 steps our shop has nothing");
  expect(words.instructions[3]).toBe(
    "We have none in stock now. Look for a sunscreen with SPF 30 or more.",
  );
});

test("what does not suit the skin is not given, and the step says so", () => {
  const goods = [
    product("cleansers", { skinTypes: ["DRY"] }),
    product("moisturizers", { holdsAvoided: true }),
    product("serums", { skinConcerns: ["DRYNESS"] }),
    product("sunscreens", { skinTypes: ["OILY", "DRY"] }),
  ];
  expect(shown(chooseRoutine(findings(), goods)).slice(0, 4)).toEqual([
    ["MORNING", "CLEANSE", "NOT_FOR_THIS_SKIN"],
    ["MORNING", "TREAT", "NOT_FOR_THIS_SKIN"],
    ["MORNING", "MOISTURIZE", "NOT_FOR_THIS_SKIN"],
    ["MORNING", "PROTECT", goods[3]!.productId],
  ]);
});

test("retinol is for the evening, and gives way when a step would stay empty because of it", () => {
  const retinol = product("serums", { ingredientNames: ["retinol"], isFeatured: true });
  const plain = product("serums");
  const care = [product("cleansers"), product("moisturizers"), product("sunscreens")];
  const treats = (goods: ShelfProduct[]) =>
    chooseRoutine(findings(), goods)
      .filter(({ kind }) => kind === "TREAT")
      .map(({ product: chosen, gap }) => chosen?.productId ?? gap);
  expect(treats([retinol, plain, ...care])).toEqual([plain.productId, retinol.productId]);
  expect(treats([retinol, ...care])).toEqual(["CONFLICTS", retinol.productId]);
  const sour = product("cleansers", { ingredientNames: ["salicylic acid"] });
  expect(treats([retinol, plain, sour, ...care.slice(1)])).toEqual([
    plain.productId,
    plain.productId,
  ]);
});

test("of two that conflict, the worse fit leaves its step empty rather than both", () => {
  const retinol = product("serums", { ingredientNames: ["retinol"] });
  const sour = product("cleansers", { ingredientNames: ["glycolic acid"] });
  const evening = chooseRoutine(findings(), [retinol, sour, product("moisturizers")])
    .filter(({ half }) => half === "EVENING")
    .map(({ kind, gap }) => [kind, gap]);
  expect(evening.filter(([, gap]) => gap === "CONFLICTS")).toHaveLength(1);
});

test("a product that conflicts with itself is never chosen", () => {
  const both = product("serums", { ingredientNames: ["retinol", "ascorbic acid"] });
  const steps = chooseRoutine(findings(), [both]);
  expect(steps.filter(({ kind }) => kind === "TREAT").map(({ gap }) => gap)).toEqual([
    "CONFLICTS",
    "CONFLICTS",
  ]);
});

test("nothing to treat means no treatment; dark circles mean care for the eyes", () => {
  const kinds = (concerns: SkinFindings["concerns"]) =>
    new Set(chooseRoutine(findings({ concerns }), shop()).map(({ kind }) => kind));
  expect(kinds([])).toEqual(new Set(["CLEANSE", "MOISTURIZE", "PROTECT"]));
  expect(kinds([{ concern: "DARK_CIRCLES", severity: "MILD" }])).toContain("EYES");
});

test("in a thousand random shops no half holds a conflict, a product twice or a stranger to the skin", () => {
  const random = seeded(7);
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const some = <T>(of: readonly T[], share: number): T[] => of.filter(() => random() < share);
  const shelves = ["cleansers", "exfoliants", "serums", "acne-care", "moisturizers", "sunscreens"];
  const names = ["retinol", "glycolic acid", "ascorbic acid", "benzoyl peroxide", "aqua"];
  const types = ["OILY", "DRY", "NORMAL"] as const;
  for (let round = 0; round < 1_000; round++) {
    const goods = Array.from({ length: Math.floor(random() * 30) }, () =>
      product(random() < 0.2 ? [one(shelves), one(shelves)] : one(shelves), {
        skinTypes: some(types, 0.4),
        skinConcerns: some(Object.values(SkinConcerns), 0.3),
        ingredientNames: some(names, 0.25),
        holdsAvoided: random() < 0.1,
        isFeatured: random() < 0.1,
      }),
    );
    const wanted = some(Object.values(SkinConcerns), 0.3);
    const skin = findings({
      skinType: one([...types, null]),
      concerns: wanted.map((concern) => ({ concern, severity: one(["MILD", "SEVERE"]) })),
    });
    const steps = chooseRoutine(skin, goods);
    expect(shown(chooseRoutine(skin, [...goods].reverse()))).toEqual(shown(steps));
    for (const half of ["MORNING", "EVENING"]) {
      const chosen = steps.flatMap((step) =>
        step.half === half && step.product ? [step.product] : [],
      );
      const actives = activesIn(chosen.flatMap(({ ingredientNames }) => ingredientNames));
      expect(conflictAmong(actives)).toBe(false);
      if (half === "MORNING") expect(actives).not.toContain("RETINOID");
      expect(new Set(chosen).size).toBe(chosen.length);
      for (const { skinTypes, holdsAvoided } of chosen) {
        expect(holdsAvoided).toBe(false);
        if (skin.skinType && skinTypes.length > 0) expect(skinTypes).toContain(skin.skinType);
      }
    }
  }
});
