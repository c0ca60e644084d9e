import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { getNamedType, isLeafType, type GraphQLObjectType } from "graphql";
import { freshDatabase } from "../../support/database.ts";
import { largeColumnsReadBy } from "../../support/large-columns.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
let drop: () => Promise<void>;
const ids = { product: "", category: "", review: "" };

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  const top = await shop.category("top");
  const care = await shop.category("care", {
    nameKh: "ថែទាំ",
    descriptionEn: "What cares.",
    descriptionKh: "អ្វីដែលថែទាំ",
    parentId: top.id,
  });
  await shop.category("below", { parentId: care.id, descriptionEn: "Below." });
  const [milk] = await shop.products([
    {
      slug: "milk",
      nameEn: "Milk",
      nameKh: "ទឹកដោះ",
      descriptionEn: "Soft.",
      descriptionKh: "ទន់",
      shortDescriptionEn: "In short.",
      shortDescriptionKh: "ខ្លី",
      usageInstructionsEn: "Rub it in.",
      weightGrams: 200,
      dimensions: { volumeMl: 150 },
      compareAtPrice: "12.00",
      skinTypes: ["DRY"],
      skinConcerns: ["REDNESS", "ACNE"],
      ingredients: ["Aqua", "Lac"],
      image: "products/milk.webp",
      shelves: [care.id],
    },
  ]);
  await shop.images([milk!], 2);
  await shop.database.query("insert into users (id) values ('usr_0000000000001')");
  await shop.uow.run((tx) =>
    shop.module.reviews.add(tx, [
      {
        productId: milk!.id,
        userId: "usr_0000000000001",
        authorName: "Dara",
        rating: 4,
        title: "Good",
        comment: "I like it.",
        status: "APPROVED",
        isVerifiedPurchase: true,
      },
    ]),
  );
  const [review] = await shop.database.query<{ id: string }>("select id from reviews");
  Object.assign(ids, { product: milk!.id, category: care.id, review: review!.id });
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const typeOf = (name: string) => shop.schema.getType(name) as GraphQLObjectType;

/** Each field of a type with what can be asked of it, texts also in each language. */
function selectionsOf(typeName: string): string[] {
  return Object.values(typeOf(typeName).getFields()).flatMap(({ name, type, args }) => {
    const below = getNamedType(type);
    const selection = isLeafType(below) ? "" : `{ ${leavesOf(below.name)} }`;
    const plain = `${name} ${selection}`;
    if (!args.some((arg) => arg.name === "language")) return [plain];
    return [
      plain,
      ...["EN", "KH"].map((language) => `${name}In${language}: ${name}(language: ${language})`),
    ];
  });
}

function leavesOf(typeName: string): string {
  if (typeName.endsWith("Connection")) return "nodes { id } pageInfo { endCursor }";
  const fields = Object.values(typeOf(typeName).getFields());
  return fields
    .flatMap(({ name, type }) => (isLeafType(getNamedType(type)) ? [name] : []))
    .join(" ");
}

/** The ways to a thing: the query around a selection, and where it stands in the answer. */
const WAYS: Record<string, Record<string, [string, (data: any) => any]>> = {
  Product: {
    list: ["{ products { nodes { $ } } }", (data) => data.products.nodes[0]],
    edges: ["{ products { edges { node { $ } } } }", (data) => data.products.edges[0].node],
    search: [
      `{ products(filter: { search: "milk" }) { nodes { $ } } }`,
      (data) => data.products.nodes[0],
    ],
    id: [`{ product(id: "PRODUCT") { $ } }`, (data) => data.product],
    slug: [`{ product(slug: "milk") { $ } }`, (data) => data.product],
    node: [`{ node(id: "PRODUCT") { ... on Product { $ } } }`, (data) => data.node],
    nodes: [
      `query { nodes(ids: ["REVIEW", "PRODUCT"]) { id ...P } } fragment P on Product { $ }`,
      (data) => data.nodes[1],
    ],
    category: [
      `{ category(slug: "top") { products { nodes { $ } } } }`,
      (data) => data.category.products.nodes[0],
    ],
    review: [
      `{ product(slug: "milk") { reviews { nodes { product { $ } } } } }`,
      (data) => data.product.reviews.nodes[0].product,
    ],
    suggestion: [
      `{ searchSuggestions(prefix: "mil") { product { $ } } }`,
      (data) => data.searchSuggestions[0].product,
    ],
  },
  Category: {
    slug: [`{ category(slug: "care") { $ } }`, (data) => data.category],
    node: [`{ node(id: "CATEGORY") { ... on Category { $ } } }`, (data) => data.node],
    child: ["{ categories { children { $ } } }", (data) => data.categories[0].children[0]],
    parent: [`{ category(slug: "below") { parent { $ } } }`, (data) => data.category.parent],
    product: [
      `{ product(slug: "milk") { categories { $ } } }`,
      (data) => data.product.categories[0],
    ],
    facet: [
      `{ products { facets { categories { category { slug $ } } } } }`,
      ({ products }) =>
        products.facets.categories
          .map(({ category }: any) => category)
          .find(({ slug }: any) => slug === "care"),
    ],
    suggestion: [
      `{ searchSuggestions(prefix: "care") { category { $ } } }`,
      (data) => data.searchSuggestions[0].category,
    ],
  },
  Review: {
    product: [
      `{ product(slug: "milk") { reviews { nodes { $ } } } }`,
      (data) => data.product.reviews.nodes[0],
    ],
    edges: [
      `{ products { nodes { reviews { edges { node { $ } } } } } }`,
      (data) => data.products.nodes[0].reviews.edges[0].node,
    ],
    node: [`{ node(id: "REVIEW") { ... on Review { $ } } }`, (data) => data.node],
  },
};

async function askFor(way: [string, (data: any) => any], selection: string, language: "EN" | "KH") {
  const [around, thingIn] = way;
  const query = around
    .replace("PRODUCT", ids.product)
    .replace("CATEGORY", ids.category)
    .replace("REVIEW", ids.review)
    .replace("$", selection);
  const { data, errors } = await shop.ask(query, {}, language);
  expect({ query, errors }).toEqual({ query, errors: [] });
  return thingIn(data);
}

test.each(
  Object.entries(WAYS).flatMap(([type, ways]) =>
    Object.keys(ways).map((way) => [type, way] as const),
  ),
)("each field of %s by way of %s answers the same alone as among all", async (type, name) => {
  const way = WAYS[type]![name]!;
  const first = Object.values(WAYS[type]!)[0]!;
  for (const language of ["EN", "KH"] as const) {
    const selections = selectionsOf(type);
    const all = await askFor(first, selections.join(" "), language);
    const asked = [...selections, selections.join(" ")].map((selection) =>
      askFor(way, selection, language),
    );
    for (const alone of await Promise.all(asked)) expect(all).toMatchObject(alone);
  }
});

test("what is compared is what was put there", async () => {
  const query = `{ product(slug: "milk") { description khmer: description(language: KH)
    shortDescription usageInstructions(language: KH) skinTypes skinConcerns ingredients
    ratingSummary { average count histogram } reviews { nodes { comment } }
    categories { description english: description(language: EN) } } }`;
  expect((await shop.ask(query, {}, "KH")).data.product).toEqual({
    description: "ទន់",
    khmer: "ទន់",
    shortDescription: "ខ្លី",
    usageInstructions: "Rub it in.",
    skinTypes: ["DRY"],
    skinConcerns: ["REDNESS", "ACNE"],
    ingredients: ["Aqua", "Lac"],
    ratingSummary: { average: 4, count: 1, histogram: [0, 0, 0, 1, 0] },
    reviews: { nodes: [{ comment: "I like it." }] },
    categories: [{ description: "អ្វីដែលថែទាំ", english: "What cares." }],
  });
  expect((await shop.ask(query)).data.product).toMatchObject({
    description: "Soft.",
    shortDescription: "In short.",
  });
});

/** The large columns that an operation reads, and its statements. */
async function readBy(query: string, variables = {}, language: "EN" | "KH" = "EN") {
  const { result, columns } = await largeColumnsReadBy(shop.database, () =>
    shop.ask(query, variables, language),
  );
  expect(result.errors).toEqual([]);
  return { statements: result.statements, columns };
}

test("large columns are read when a field of theirs is selected, in the languages that are asked for", async () => {
  const list = async (selection: string, language: "EN" | "KH" = "EN") =>
    (await readBy(`{ products { nodes { id ${selection} } } }`, {}, language)).columns;
  const card = "name price { amount } imageUrl ratingSummary { average count } inStock";
  expect(await list(card)).toEqual([]);
  expect(await list(`${card} reviews { nodes { rating title } } categories { name }`)).toEqual([]);
  expect(await list("reviews { nodes { comment } }")).toEqual(["r.comment"]);
  expect(await list("categories { description }")).toEqual(["description_en"]);
  expect(await list("categories { description(language: KH) }")).toEqual([
    "description_en",
    "description_kh",
  ]);
  expect(await list("shortDescription")).toEqual(["short_description_en"]);
  expect(await list("description")).toEqual(["description_en"]);
  expect(await list("description", "KH")).toEqual(["description_en", "description_kh"]);
  expect(await list("description(language: KH)")).toEqual(["description_en", "description_kh"]);
  expect(await list("ingredients")).toEqual(["ingredients"]);
  expect(await list("ratingSummary { histogram }")).toEqual(["ingredients"]);
});

test("a list that is read as it was asked for needs no second statement", async () => {
  const leaves = leavesOf("Product").split(" ");
  for (const language of ["EN", "KH"] as const) {
    for (const selection of [...leaves, "name(language: KH)", "description(language: KH)"]) {
      if (selection === "isWishlisted") continue;
      const { statements } = await shop.ask(
        `{ products { nodes { ${selection} } } }`,
        {},
        language,
      );
      expect({ selection, statements }).toEqual({ selection, statements: 1 });
    }
  }
});

test("directives, fragments and aliases are looked through", async () => {
  const query = `query ($more: Boolean!) {
    products { ...Page } product(id: "${ids.product}") { slug }
  }
  fragment Page on ProductSearchConnection { nodes { ...Card ... @include(if: $more) { text: description } } }
  fragment Card on Node { id ... on Product { name ingredients @skip(if: true) } }`;
  expect((await readBy(query, { more: false })).columns).toEqual([]);
  expect((await readBy(query, { more: true })).columns).toEqual(["description_en"]);
  expect((await readBy(query, { more: false })).columns).toEqual([]);
});

test("two fields that read a product differently share a statement, or read it again", async () => {
  const { id } = { id: ids.product };
  const twice = `{ a: product(id: "${id}") { name } b: product(id: "${id}") { description } c: node(id: "${id}") { id } }`;
  expect(await readBy(twice)).toEqual({ statements: 1, columns: ["description_en"] });
  const later = `{ product(id: "${id}") { name reviews { nodes { product { name description } } } } }`;
  const answer = await shop.ask(later);
  expect(answer.data.product.reviews.nodes[0].product.description).toBe("Soft.");
  expect(answer.statements).toBe(3);
});
