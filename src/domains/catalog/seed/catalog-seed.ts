import { z } from "zod";
import categoryRows from "./categories.json" with { type: "json" };
import acneCare from "./products/acne-care.json" with { type: "json" };
import bodyCare from "./products/body-care.json" with { type: "json" };
import cleansers from "./products/cleansers.json" with { type: "json" };
import exfoliants from "./products/exfoliants.json" with { type: "json" };
import eyeCare from "./products/eye-care.json" with { type: "json" };
import lipCare from "./products/lip-care.json" with { type: "json" };
import masks from "./products/masks.json" with { type: "json" };
import moisturizers from "./products/moisturizers.json" with { type: "json" };
import serums from "./products/serums.json" with { type: "json" };
import sunscreens from "./products/sunscreens.json" with { type: "json" };
import toners from "./products/toners.json" with { type: "json" };
import toolsAndSets from "./products/tools-and-sets.json" with { type: "json" };

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const text = z.string().trim().min(1);
const khmerText = text.regex(/[\u1780-\u17FF]/);
const minorUnits = z.int().positive();

const seedSkinTypeSchema = z.enum(["OILY", "DRY", "COMBINATION", "SENSITIVE", "NORMAL", "ACNE"]);

const seedConcernSchema = z.enum([
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
]);

const productShapeSchema = z.enum(["BOTTLE", "JAR", "TUBE", "PUMP", "DROPPER", "BAR", "BOX"]);

const seedCategorySchema = z.strictObject({
  slug,
  parentSlug: slug.nullable(),
  nameEn: text,
  nameKh: khmerText,
  descriptionEn: text,
  sortOrder: z.int().nonnegative(),
  color: z.string().regex(/^#[0-9a-f]{6}$/),
});

const seedProductSchema = z
  .strictObject({
    sku: z.string().regex(/^[A-Z]{3}-[A-Z]{3}-\d{3}$/),
    slug,
    brand: text,
    nameEn: text,
    nameKh: khmerText,
    shortDescriptionEn: text,
    descriptionEn: text,
    descriptionKh: khmerText,
    categorySlugs: z.array(slug).min(1),
    skinTypes: z.array(seedSkinTypeSchema).min(1),
    concerns: z.array(seedConcernSchema),
    ingredients: z.array(text),
    usageInstructions: text,
    priceMinor: minorUnits,
    compareAtPriceMinor: minorUnits.nullable(),
    stock: z.int().nonnegative(),
    weightGrams: z.int().positive(),
    volumeMl: z.number().positive().nullable(),
    isFeatured: z.boolean(),
    publishedAt: z.iso.datetime(),
    pictureCount: z.int().min(1).max(3),
    shape: productShapeSchema,
  })
  .refine((product) => (product.compareAtPriceMinor ?? product.priceMinor) >= product.priceMinor, {
    error: "compareAtPriceMinor is below priceMinor",
  });

const catalogSeedSchema = z.strictObject({
  categories: z.array(seedCategorySchema),
  products: z.array(seedProductSchema),
});

export type ProductShape = z.infer<typeof productShapeSchema>;
export type SeedCategory = z.infer<typeof seedCategorySchema>;
/** The first of `categorySlugs` is the primary category; prices are US cents. */
export type SeedProduct = z.infer<typeof seedProductSchema>;
export type CatalogSeed = z.infer<typeof catalogSeedSchema>;

/**
 * The demonstration catalogue: categories with every parent before its children, and products in
 * the order of their categories. Throws a ZodError that names the row and field when a file is
 * malformed.
 */
export function loadCatalogSeed(): CatalogSeed {
  return catalogSeedSchema.parse({
    categories: categoryRows,
    products: [
      ...cleansers,
      ...toners,
      ...exfoliants,
      ...serums,
      ...moisturizers,
      ...sunscreens,
      ...masks,
      ...eyeCare,
      ...lipCare,
      ...bodyCare,
      ...acneCare,
      ...toolsAndSets,
    ],
  });
}
