import { Ids } from "../../../platform/ids/ids.ts";
import { seeded } from "../../../platform/random/seeded.ts";
import { decimalOf } from "../catalog.money.ts";
import type { SkinConcern, SkinType } from "../catalog.vocabulary.ts";
import type { CatalogSeed, SeedProduct } from "../seed/catalog-seed.ts";
import type { GeneratedUser } from "../../identity/index.ts";

/** How many rows of each kind to generate. */
export interface ScaleSizes {
  readonly users: number;
  readonly categories: number;
  readonly products: number;
  /** Reviews of ten neighbouring products add up to two hundred where there are enough users. */
  readonly reviewsPerTenProducts: readonly number[];
}

/** The columns of a generated row as the tables name them. */
export interface CategoryColumns {
  readonly id: string;
  readonly slug: string;
  readonly name_en: string;
  readonly name_kh: string;
  readonly parent_id: string | null;
  readonly is_active: boolean;
  readonly sort_order: number;
}
export interface ProductColumns {
  readonly id: string;
  readonly slug: string;
  readonly sku: string;
  readonly name_en: string;
  readonly name_kh: string;
  readonly brand: string;
  readonly description_en: string;
  readonly description_kh: string;
  readonly short_description_en: string;
  readonly usage_instructions_en: string;
  readonly price: string;
  readonly compare_at_price: string | null;
  readonly stock: number;
  readonly category_id: string;
  readonly skin_types: SkinType[];
  readonly skin_concerns: SkinConcern[];
  readonly ingredients: string[];
  readonly status: "active" | "draft";
  readonly is_featured: boolean;
  readonly units_sold: number;
  readonly published_at: string;
}
export interface ShelfColumns {
  readonly product_id: string;
  readonly category_id: string;
}
export interface ReviewColumns {
  readonly id: string;
  readonly product_id: string;
  readonly user_id: string;
  readonly author_name: string;
  readonly rating: number;
  readonly title: string;
  readonly comment: string;
  readonly status: "APPROVED" | "PENDING" | "REJECTED";
  readonly is_verified_purchase: boolean;
  readonly helpful_count: number;
  readonly created_at: string;
}

/** Everything that a generated shop holds, row by row; reviews are made when they are asked for. */
export interface GeneratedShop {
  readonly users: readonly GeneratedUser[];
  readonly categories: readonly CategoryColumns[];
  readonly products: readonly ProductColumns[];
  readonly shelves: readonly ShelfColumns[];
  readonly reviews: Iterable<ReviewColumns>;
}

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const TOP_CATEGORIES_SHARE = 10;
const BRANDS = 80;
const FIRST_NAMES = [
  "Dara",
  "Sophea",
  "Maly",
  "Rith",
  "Anna",
  "Linh",
  "Omar",
  "Grace",
  "Vanna",
  "Kofi",
];
const LAST_NAMES = ["Sok", "Chan", "Nguyen", "Smith", "Keo", "Silva", "Heng", "Mensah"];
const KINDS = [
  "Daily",
  "Calm",
  "Bright",
  "Pure",
  "Soft",
  "Deep",
  "Light",
  "Rich",
  "Fresh",
  "Clear",
];
const OPINIONS = [
  ["Not for me", "It stung a little and I gave it away."],
  ["Expected more", "The texture is heavy and it takes long to sink in."],
  ["Fine", "Does what it says, nothing more."],
  ["Good", "My skin feels calm in the morning. I will buy it again."],
  ["Love it", "Three weeks in and the difference is plain to see."],
] as const;
/** Of a hundred reviews, how many give at most so many stars. */
const STARS_UP_TO = [6, 13, 27, 58, 100];

/** A made-up shop: the same rows for the same seed number, and more of the same for larger sizes. */
export function generateShop(seed: number, sizes: ScaleSizes, content: CatalogSeed): GeneratedShop {
  // A fixed clock in the past, so that ids repeat and never meet those of a running server.
  const newIds = () => new Ids(() => seed, { now: () => new Date(Date.UTC(2024, 0, 2)) });
  const userIds = newIds();
  const users = range(sizes.users).map((index): GeneratedUser => ({
    id: userIds.next("usr"),
    firstName: pick(FIRST_NAMES, index),
    lastName: pick(LAST_NAMES, Math.floor(index / FIRST_NAMES.length)),
    language: index % 3 === 0 ? "KH" : "EN",
  }));
  const categories = categoriesOf(seed, sizes.categories, newIds());
  const chance = seeded(seed);
  const productIds = newIds();
  const products = range(sizes.products).map((index) =>
    productOf(seed, index, productIds.next("prd"), {
      template: pick(content.products, index),
      categoryId: pick(categories, index * 7).id,
      chance,
    }),
  );
  const shelves = products.flatMap(({ id, category_id }, index) => [
    { product_id: id, category_id },
    { product_id: id, category_id: pick(categories, index * 7 + 1 + (index % 5)).id },
  ]);
  return {
    users,
    categories,
    products,
    shelves,
    reviews: reviewsOf(sizes, users, products, chance, newIds()),
  };
}

function categoriesOf(seed: number, count: number, ids: Ids): CategoryColumns[] {
  const categories: CategoryColumns[] = [];
  for (const index of range(count)) {
    const isTop = index % TOP_CATEGORIES_SHARE === 0;
    const top = categories[index - (index % TOP_CATEGORIES_SHARE)];
    categories.push({
      id: ids.next("cat"),
      slug: `made-up-${seed}-${index + 1}`,
      name_en: `${pick(KINDS, index)} care ${index + 1}`,
      name_kh: `ការថែទាំ ${index + 1}`,
      parent_id: isTop ? null : (top?.id ?? null),
      is_active: true,
      sort_order: 1_000 + index,
    });
  }
  return categories;
}

function productOf(
  seed: number,
  index: number,
  id: string,
  from: { template: SeedProduct; categoryId: string; chance: () => number },
): ProductColumns {
  const { template, categoryId, chance } = from;
  const priceMinor = Math.max(199, Math.round(template.priceMinor * (0.5 + chance())));
  const number = index + 1;
  return {
    id,
    slug: `made-up-${seed}-${template.slug.slice(0, 70)}-${number}`,
    sku: `GEN-${seed}-${number}`,
    name_en: `${pick(KINDS, Math.floor(index / 3))} ${template.nameEn} ${number}`.slice(0, 160),
    name_kh: `${template.nameKh} ${number}`.slice(0, 160),
    brand: `House ${String((index * 31) % BRANDS).padStart(2, "0")}`,
    description_en: template.descriptionEn,
    description_kh: template.descriptionKh,
    short_description_en: template.shortDescriptionEn,
    usage_instructions_en: template.usageInstructions,
    price: decimalOf(priceMinor),
    compare_at_price: index % 6 === 0 ? decimalOf(Math.round(priceMinor * 1.25)) : null,
    stock: index % 12 === 0 ? 0 : Math.floor(chance() * 200) + 1,
    category_id: categoryId,
    skin_types: template.skinTypes,
    skin_concerns: template.concerns,
    ingredients: template.ingredients,
    status: index % 100 === 99 ? "draft" : "active",
    is_featured: index % 40 === 0,
    units_sold: Math.floor(chance() ** 3 * 2_000),
    published_at: new Date(START_MS - ((index * 7_919) % 500_000) * MINUTE_MS).toISOString(),
  };
}

function* reviewsOf(
  sizes: ScaleSizes,
  users: readonly GeneratedUser[],
  products: readonly ProductColumns[],
  chance: () => number,
  ids: Ids,
): Iterable<ReviewColumns> {
  for (const [index, product] of products.entries()) {
    const count = Math.min(pick(sizes.reviewsPerTenProducts, index), users.length);
    // Neighbours in the list of users, so that nobody writes twice about one product.
    const start = Math.floor(chance() * users.length);
    for (const place of range(count)) {
      const writer = pick(users, start + place);
      const hundredth = chance() * 100;
      const rating = STARS_UP_TO.findIndex((limit) => hundredth < limit) + 1;
      const [title, comment] = pick(OPINIONS, rating - 1);
      yield {
        id: ids.next("rev"),
        product_id: product.id,
        user_id: writer.id,
        author_name: writer.firstName,
        rating,
        title,
        comment,
        status: place % 20 === 19 ? "PENDING" : place % 33 === 32 ? "REJECTED" : "APPROVED",
        is_verified_purchase: chance() < 0.7,
        helpful_count: Math.floor(chance() ** 4 * 50),
        created_at: new Date(START_MS + Math.floor(chance() * 300_000) * MINUTE_MS).toISOString(),
      };
    }
  }
}

const range = (count: number): number[] => [...Array(count).keys()];

/** Goes round and round. */
function pick<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new Error("There is nothing to pick from.");
  return value;
}
