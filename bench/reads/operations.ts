import type { ListedProduct } from "./shop.ts";

/** What each contender answers, in the names of facet's schema; the answers are compared before timing. */
export interface Operation {
  readonly name: string;
  readonly text: string;
  /** How PostGraphile's own schema asks for the same. */
  readonly postgraphile: string;
  /** How many different requests there are. */
  readonly count: number;
  /** The variables of one of them. */
  variables(index: number, from: Source): Record<string, unknown>;
}

/** What requests are made of. */
export interface Source {
  readonly products: readonly ListedProduct[];
  /** The contender's cursor of a product; null for the start of the list. */
  cursorOf(product: ListedProduct | undefined): string | null;
}

/** What operation A asks for. */
export const PRODUCT_PAGE = `products(first: 20, sort: NEWEST, after: $after) {
    nodes {
      name
      slug
      price { amount currency }
      ratingSummary { average }
      categories { id slug name }
      reviews(first: 3) { nodes { rating title createdAt authorName } }
    }
  }`;
const PAGE = `query Page($after: String) {
  ${PRODUCT_PAGE}
}`;
const PAGE_POSTGRAPHILE = `query Page($after: Cursor) {
  products: allProducts(first: 20, after: $after, orderBy: [PUBLISHED_AT_DESC, ROW_ID_DESC]) {
    nodes {
      name
      slug
      price
      ratingAverage
      categories: shelvesByProductIdList(orderBy: [SORT_ORDER_ASC, CATEGORY_ID_ASC]) {
        id: categoryId
        slug
        name
      }
      reviews: reviewsByProductIdList(first: 3, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
        rating
        title
        createdAt
        authorName
      }
    }
  }
}`;

const FIELDS = `id slug sku brand name shortDescription description inStock isFeatured publishedAt`;
const FIELDS_POSTGRAPHILE = FIELDS.replace("id", "id: rowId");
const ONE = `query One($id: ID!) { product(id: $id) { ${FIELDS} } }`;
const ONE_POSTGRAPHILE = `query One($id: String!) {
  product: productByRowId(rowId: $id) { ${FIELDS_POSTGRAPHILE} }
}`;

const PAGE_NUMBERS = [1, 2, 3, 4, 5];
const PAGE_SIZE = 100;
const pages = (cursor: string, page: (number: number) => string) =>
  `query List(${PAGE_NUMBERS.map((number) => `$after${number}: ${cursor}`).join(", ")}) {
  ${PAGE_NUMBERS.map(page).join("\n  ")}
}`;
const LIST = pages(
  "String",
  (number) =>
    `page${number}: products(first: 100, sort: NEWEST, after: $after${number}) { nodes { ${FIELDS} } }`,
);
const LIST_POSTGRAPHILE = pages(
  "Cursor",
  (number) =>
    `page${number}: allProducts(first: 100, after: $after${number}, orderBy: [PUBLISHED_AT_DESC, ROW_ID_DESC]) {
      nodes { ${FIELDS_POSTGRAPHILE} }
    }`,
);

const pageFrom = (start: number, { products, cursorOf }: Source) => ({
  after: cursorOf(products[start - 1]),
});
const listFrom = (start: number, { products, cursorOf }: Source) =>
  Object.fromEntries(
    PAGE_NUMBERS.map((number) => [
      `after${number}`,
      cursorOf(products[start + (number - 1) * PAGE_SIZE - 1]),
    ]),
  );
const page = { text: PAGE, postgraphile: PAGE_POSTGRAPHILE };
const list = { text: LIST, postgraphile: LIST_POSTGRAPHILE };

/** A, B and C; `spread` asks for something else each time, `alike` for the same page, as a shop's first screen does. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: "A spread",
    ...page,
    count: 240,
    variables: (index, from) => pageFrom(((index * 7) % 240) * 20, from),
  },
  { name: "A alike", ...page, count: 1, variables: (_, from) => pageFrom(0, from) },
  {
    name: "B spread",
    text: ONE,
    postgraphile: ONE_POSTGRAPHILE,
    count: 1_000,
    variables: (index, { products }) => ({ id: products[(index * 733) % products.length]?.id }),
  },
  {
    name: "C spread",
    ...list,
    count: 40,
    variables: (index, from) => listFrom(((index * 7) % 40) * 100, from),
  },
  { name: "C alike", ...list, count: 1, variables: (_, from) => listFrom(0, from) },
];
