import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type {
  NewCategory,
  NewProduct,
} from "../../../src/domains/catalog/catalog-writer.repository.ts";
import { freshDatabase } from "../../support/database.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
let drop: () => Promise<void>;
let shelves: NewCategory[];
let products: NewProduct[];

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  const face = await shop.category("face", { nameEn: "Face", nameKh: "មុខ", sortOrder: 1 });
  shelves = [];
  for (let index = 0; index < 12; index += 1) {
    shelves.push(
      await shop.category(`shelf-${index}`, { parentId: face.id, sortOrder: 12 - index }),
    );
  }
  await shop.category("closed", { isActive: false });
  products = await shop.products(
    Array.from({ length: 60 }, (_, index) => ({
      shelves: [shelves[index % 12]!.id, shelves[(index + 1) % 12]!.id],
      image: `products/picture-${index}.webp`,
    })),
  );
  await shop.images(products, 2);
  await shop.products([
    {
      slug: "rice-milk",
      nameEn: "Rice milk",
      nameKh: "ទឹកដោះអង្ករ",
      descriptionEn: "Soft.",
      price: "8.05",
      compareAtPrice: "10.00",
      stock: 0,
      dimensions: { volumeMl: 150 },
      ingredients: ["Aqua", "Oryza sativa"],
      publishedAt: new Date(0),
    },
  ]);
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const CARDS = `query ($first: Int!) {
  products(first: $first) {
    nodes { id name price { amount } imageUrl categories { id name parent { id } } images { url altText } }
  }
}`;

test("1 and 50 products with categories and images cost the same statements", async () => {
  const one = await shop.ask(CARDS, { first: 1 });
  const fifty = await shop.ask(CARDS, { first: 50 });
  expect(one.data.products.nodes).toHaveLength(1);
  expect(fifty.data.products.nodes).toHaveLength(50);
  expect(fifty.data.products.nodes[49]).toMatchObject({
    categories: [{ parent: {} }, { parent: {} }],
    images: [{ altText: "A jar" }, {}],
  });
  expect(one.statements).toBe(4);
  expect(fifty.statements).toBe(4);
});

test("products of 2 and of 12 categories cost the same statements", async () => {
  const query = `query ($ids: [ID!]!) {
    nodes(ids: $ids) { ... on Category { slug products(first: 3) { nodes { slug categories { slug } } pageInfo { hasNextPage } } } }
  }`;
  const ids = shelves.map((shelf) => shelf.id);
  const two = await shop.ask(query, { ids: ids.slice(0, 2) });
  const twelve = await shop.ask(query, { ids });
  expect(twelve.errors).toEqual([]);
  expect(twelve.data.nodes).toHaveLength(12);
  for (const { slug, products: page } of twelve.data.nodes) {
    expect(page.nodes).toHaveLength(3);
    expect(page.pageInfo.hasNextPage).toBe(true);
    for (const product of page.nodes) {
      expect(product.categories.map((category: any) => category.slug)).toContain(slug);
    }
  }
  expect(two.statements).toBe(3);
  expect(twelve.statements).toBe(3);
});

test("each category pages through its own products, both ways and in any order", async () => {
  const query = `query ($first: Int, $after: String, $last: Int, $before: String, $sort: ProductSort!) {
    categories { children { slug products(first: $first, after: $after, last: $last, before: $before, sort: $sort) {
      nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }
  }`;
  const page = async (variables: object) => {
    const answer = await shop.ask(query, { sort: "PRICE_ASC", ...variables });
    const child = answer.data.categories[0].children[0];
    return { ...child.products, slugs: child.products.nodes.map((node: any) => node.slug) };
  };
  const whole = await page({ first: 100 });
  expect(whole.slugs).toHaveLength(10);
  const head = await page({ first: 4 });
  const middle = await page({ first: 4, after: head.pageInfo.endCursor });
  const tail = await page({ first: 4, after: middle.pageInfo.endCursor });
  expect([...head.slugs, ...middle.slugs, ...tail.slugs]).toEqual(whole.slugs);
  expect(tail.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const back = await page({ last: 4, before: tail.pageInfo.startCursor });
  expect(back.slugs).toEqual(middle.slugs);
});

test("the top category holds what stands below it, the closed one is not there", async () => {
  const answer = await shop.ask(`{
    categories { slug parent { id } children { slug } products(first: 100) { nodes { id } } }
    closed: category(slug: "closed") { id }
    none: category(slug: "no\\u0000pe") { id }
    shelf: category(slug: "shelf-3") { parent { slug } children { id } }
  }`);
  expect(answer.errors).toEqual([]);
  expect(answer.data.categories.map((category: any) => category.slug)).toEqual(["face"]);
  expect(answer.data.categories[0].children[0].slug).toBe("shelf-11");
  expect(answer.data.categories[0].products.nodes).toHaveLength(60);
  expect(answer.data).toMatchObject({ closed: null, none: null });
  expect(answer.data.shelf).toEqual({ parent: { slug: "face" }, children: [] });
});

test("texts come in the viewer's language, or the one asked for, or English", async () => {
  const query = `{ product(slug: "rice-milk") {
    name description english: name(language: EN) khmer: name(language: KH) shortDescription } }`;
  const english = (await shop.ask(query)).data.product;
  const khmer = (await shop.ask(query, {}, "KH")).data.product;
  expect(english).toMatchObject({ name: "Rice milk", khmer: "ទឹកដោះអង្ករ", shortDescription: null });
  expect(khmer).toMatchObject({ name: "ទឹកដោះអង្ករ", english: "Rice milk", description: "Soft." });
  const concerns = await shop.ask("{ skinConcerns { concern name } }", {}, "KH");
  expect(concerns.data.skinConcerns).toContainEqual({ concern: "ACNE", name: "មុន" });
});

test("a product tells all about itself", async () => {
  const answer = await shop.ask(`{ product(slug: "rice-milk") {
    price { amount currency } compareAtPrice { amount } inStock volumeMl weightGrams ingredients imageUrl publishedAt isFeatured } }`);
  expect(answer.data.product).toEqual({
    price: { amount: "8.05", currency: "USD" },
    compareAtPrice: { amount: "10.00" },
    inStock: false,
    volumeMl: 150,
    weightGrams: null,
    ingredients: ["Aqua", "Oryza sativa"],
    imageUrl: null,
    publishedAt: "1970-01-01T00:00:00.000Z",
    isFeatured: false,
  });
});

test("one product by id, by slug or as a node; nonsense is nothing", async () => {
  const { id, slug } = products[0]!;
  const answer = await shop.ask(
    `query ($id: ID!, $slug: String!, $odd: ID!, $oddSlug: String!) {
      byId: product(id: $id) { slug } bySlug: product(slug: $slug) { id }
      node(id: $id) { __typename id } category: node(id: "${shelves[0]!.id}") { __typename }
      odd: product(id: $odd) { id } oddSlug: product(slug: $oddSlug) { id } oddNode: node(id: $odd) { id }
    }`,
    { id, slug, odd: "prd_\0'; --", oddSlug: "\0'" },
  );
  expect(answer.errors).toEqual([]);
  expect(answer.data).toEqual({
    byId: { slug },
    bySlug: { id },
    node: { __typename: "Product", id },
    category: { __typename: "Category" },
    odd: null,
    oddSlug: null,
    oddNode: null,
  });
  for (const args of ["", `(id: "${id}", slug: "${slug}")`, "(id: null)"]) {
    const refused = await shop.ask(`{ product${args} { id } }`);
    expect(refused.errors[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  }
});
