/** What each contender answers, in the names of its own schema; the answers are compared before timing. */
export interface Operation {
  readonly name: string;
  readonly text: string;
  /** How PostGraphile's own schema asks for the same. */
  readonly postgraphile: string;
  /** One entry per request, in turn. */
  readonly variables: readonly Readonly<Record<string, unknown>>[];
}

const range = (count: number, of: (index: number) => Record<string, unknown>) =>
  Array.from({ length: count }, (_, index) => of(index));

const PAGE = `query Page($first: Int!, $offset: Int!) {
  products(first: $first, offset: $offset) {
    id slug name price ratingAverage
    categories { id slug name }
    reviews(first: 3) { id rating title createdAt author { id name } }
  }
}`;
const PAGE_POSTGRAPHILE = `query Page($first: Int!, $offset: Int!) {
  products: allProductsList(first: $first, offset: $offset, orderBy: [PUBLISHED_AT_DESC, ROW_ID_DESC]) {
    id: rowId slug name price ratingAverage
    categories: productCategoriesByProductIdList(orderBy: CATEGORY_ID_ASC) {
      category: categoryByCategoryId { id: rowId slug name }
    }
    reviews: reviewsByProductIdList(first: 3, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
      id: rowId rating title createdAt author: userByUserId { id: rowId name }
    }
  }
}`;
const ONE = `query One($id: ID!) {
  product(id: $id) { id slug name brand description price stock isFeatured imageUrl ratingAverage }
}`;
const ONE_POSTGRAPHILE = `query One($id: String!) {
  product: productByRowId(rowId: $id) {
    id: rowId slug name brand description price stock isFeatured imageUrl ratingAverage
  }
}`;
const LIST = `query List($first: Int!, $offset: Int!) {
  products(first: $first, offset: $offset) {
    id slug name brand description price stock isFeatured imageUrl ratingAverage
  }
}`;
const LIST_POSTGRAPHILE = `query List($first: Int!, $offset: Int!) {
  products: allProductsList(first: $first, offset: $offset, orderBy: [PUBLISHED_AT_DESC, ROW_ID_DESC]) {
    id: rowId slug name brand description price stock isFeatured imageUrl ratingAverage
  }
}`;

const page = { text: PAGE, postgraphile: PAGE_POSTGRAPHILE };
const list = { text: LIST, postgraphile: LIST_POSTGRAPHILE };

/** A, B and C; `spread` asks for something else each time, `alike` for the same page, as a shop's first screen does. */
export const OPERATIONS: readonly Operation[] = [
  { name: "A spread", ...page, variables: range(50, (i) => ({ first: 20, offset: i * 20 })) },
  { name: "A alike", ...page, variables: [{ first: 20, offset: 0 }] },
  {
    name: "B spread",
    text: ONE,
    postgraphile: ONE_POSTGRAPHILE,
    variables: range(500, (i) => ({
      id: `prd_${String(((i * 733) % 5000) + 1).padStart(6, "0")}`,
    })),
  },
  { name: "C spread", ...list, variables: range(20, (i) => ({ first: 500, offset: i * 100 })) },
  { name: "C alike", ...list, variables: [{ first: 500, offset: 0 }] },
];
