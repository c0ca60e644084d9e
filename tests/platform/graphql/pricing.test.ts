import { expect, test } from "@jest/globals";
import { buildSchema, GraphQLError, parse, type OperationDefinitionNode } from "graphql";
import { Admission } from "../../../src/platform/graphql/admission.ts";

const schema = buildSchema(/* GraphQL */ `
  type Query {
    products(first: Int, last: Int, before: String): ProductConnection!
    things(ids: [ID!]!): [Thing]!
    thing: Thing
    either: Either
    guesses(first: Int!): [Product!]!
  }
  type Mutation {
    buy(count: Int): Product
  }
  type ProductConnection {
    nodes: [Product!]!
    edges: [ProductEdge!]!
    pageInfo: PageInfo!
    totalCount: Int!
    facets: [Facet!]!
  }
  type ProductEdge {
    cursor: String!
    node: Product!
  }
  type PageInfo {
    hasNextPage: Boolean!
  }
  type Facet {
    count: Int!
    products(first: Int): ProductConnection!
  }
  interface Thing {
    id: ID!
    like: Thing
  }
  union Either = Product | Shop
  type Product implements Thing {
    id: ID!
    like: Thing
    name: String!
    reviews(first: Int): ReviewConnection!
  }
  type Shop implements Thing {
    id: ID!
    like: Thing
    products(first: Int): ProductConnection!
  }
  type ReviewConnection {
    nodes: [Review!]!
    pageInfo: PageInfo!
  }
  type Review {
    id: ID!
  }
`);
const fieldOf = (type: string, field: string) =>
  (schema.getType(type) as ReturnType<typeof schema.getQueryType>)!.getFields()[field]!;
fieldOf("ProductConnection", "totalCount").extensions = { complexity: 20 };
fieldOf("ProductConnection", "facets").extensions = {
  complexity: ({ childComplexity }: { childComplexity: number }) => 50 + childComplexity,
};
for (const [type, name] of [
  ["Query", "guesses"],
  ["Mutation", "buy"],
] as const) {
  fieldOf(type, name).extensions = {
    complexity: ({ args, childComplexity }: { args: any; childComplexity: number }) =>
      10 + (args.first ?? args.count) * childComplexity,
  };
}

const admission = new Admission(schema);

function costOf(text: string, variables: Record<string, unknown> = {}): number {
  const document = parse(text);
  return admission.costOf(document, document.definitions[0] as OperationDefinitionNode, variables);
}

function refusalOf(text: string, variables: Record<string, unknown> = {}) {
  try {
    return costOf(text, variables);
  } catch (error) {
    return (error as GraphQLError).extensions;
  }
}

test.each([
  ["objects by one, scalars by a tenth", "{ thing { id like { id } } }", 3],
  ["items by the page", "{ products(first: 100) { nodes { id name } } }", 121],
  ["items with cursors", "{ products(first: 10) { edges { cursor node { id } } } }", 23],
  ["a page of usual size", "{ products { nodes { id } } }", 23],
  ["a page from the end", "{ products(last: 5) { nodes { id } } }", 7],
  ["the same page both ways", "{ products(first: 10) { nodes { id } edges { cursor } } }", 13],
  [
    "rows that are read and not shown",
    "{ products(first: 100) { pageInfo { hasNextPage } } }",
    103,
  ],
  [
    "once what a page has once",
    "{ products(first: 100) { nodes { name } facets { count } totalCount pageInfo { hasNextPage } } }",
    // 1 + 100 rows, 100 names, facets, totalCount, pageInfo
    Math.ceil(101 + 10 + 50.1 + 20 + 1.1),
  ],
  [
    "pages in pages",
    "{ products(first: 10) { nodes { reviews(first: 3) { nodes { id } pageInfo { hasNextPage } } } } }",
    // 1 + 10 rows, each with 1 + 3 reviews, their ids, one pageInfo
    Math.ceil(11 + 10 * (4 + 0.3 + 1.1)),
  ],
  [
    "pages beside items",
    "{ products(first: 10) { facets { products(first: 2) { nodes { id } } } nodes { id } } }",
    Math.ceil(11 + 50 + 3.2 + 1),
  ],
  ["objects by ids", `{ things(ids: ["a", "b", "c"]) { id like { id } } }`, 5],
  ["what costs as it says", "{ guesses(first: 5) { reviews(first: 9) { nodes { id } } } }", 65],
  ["what costs as it says in mutations", "mutation { buy(count: 10) { like { id } } }", 21],
  ["introspection", "{ __typename __schema { types { name } } }", 3],
])("%s", (_what, text, cost) => {
  expect(costOf(text)).toBe(cost);
});

test("fragments and aliases hide no items", () => {
  const plain = costOf("{ products(first: 50) { nodes { id name } totalCount } }");
  for (const text of [
    "{ products(first: 50) { all: nodes { id name } sum: totalCount } }",
    "{ products(first: 50) { ... { nodes { ...P } } ...T } } fragment P on Product { id name } fragment T on ProductConnection { totalCount }",
    "{ products(first: 50) { ...A } } fragment A on ProductConnection { ...B totalCount } fragment B on ProductConnection { nodes { id name } }",
  ]) {
    expect(costOf(text)).toBe(plain);
  }
  expect(
    costOf(`{ small: products(first: 1) { ...A } large: products(first: 100) { ...A } }
      fragment A on ProductConnection { nodes { reviews(first: 1) { nodes { id } } } }`),
  ).toBe(Math.ceil(2 + 2.1 + 101 + 210));
});

test("an object of several types costs as the dearest of them", () => {
  const shop = "... on Shop { products(first: 10) { nodes { id } } }";
  const dear = costOf(`{ thing { ${shop} } }`);
  expect(dear).toBe(13);
  expect(costOf(`{ thing { ${shop} ... on Product { like { id } } } }`)).toBe(dear);
  expect(costOf(`{ either { ${shop} ... on Product { name } } }`)).toBe(dear);
  expect(costOf(`{ thing { like { id } like { id } ${shop} } }`)).toBe(Math.ceil(13 + 2.2));
  expect(costOf("{ either { ... on Thing { like { id } } } }")).toBe(3);
  expect(costOf(`{ products(first: 1) { nodes { ... on Thing { ${shop} id } } } }`)).toBe(3);
});

test("variables count by their value, their default, and as absent", () => {
  const page = (variable: string) =>
    `query ($n: ${variable}) { products(first: $n) { nodes { id } } }`;
  expect(costOf(page("Int"))).toBe(23);
  expect(costOf(page("Int"), { n: null })).toBe(23);
  expect(costOf(page("Int = 100"))).toBe(111);
  expect(costOf(page("Int = 100"), { n: 10 })).toBe(12);
  expect(costOf("query ($i: [ID!]!) { things(ids: $i) { like { id } } }", { i: ["a", "b"] })).toBe(
    Math.ceil(1 + 2 * 1.1),
  );
  const skipped = `query ($s: Boolean!) { products(first: 100) { nodes @skip(if: $s) { id } ... @include(if: $s) { totalCount } } }`;
  expect(costOf(skipped, { s: true })).toBe(121);
  expect(costOf(skipped, { s: false })).toBe(111);
});

test("one operation with other variables costs otherwise", () => {
  const document = parse("query ($n: Int) { products(first: $n) { nodes { id } totalCount } }");
  const operation = document.definitions[0] as OperationDefinitionNode;
  for (const [n, cost] of [
    [10, 32],
    [100, 131],
    [10, 32],
    [undefined, 43],
  ] as const) {
    expect(admission.costOf(document, operation, { n })).toBe(cost);
  }
});

test("only the operation that runs is priced", () => {
  const text = "query A { thing { id } } query B { products(first: 100) { nodes { id } } }";
  expect(costOf(text)).toBe(2);
});

test("sizes that make no sense win nothing", () => {
  const products = (first: number) => `products(first: ${first}) { nodes { id } }`;
  for (const first of [0, -1, -2_147_483_648]) {
    expect(costOf(`{ ${products(first)} }`)).toBe(costOf(`{ ${products(1)} }`));
  }
  const large = products(100);
  expect(
    costOf(`{ a: ${large} guesses(first: -2147483648) { like { id } } }`),
  ).toBeGreaterThanOrEqual(costOf(`{ ${large} }`));
  for (const query of [
    `{ ${products(2_147_483_647)} }`,
    `{ ${products(5_000)} }`,
    "{ products(first: 100) { nodes { reviews(first: 100) { pageInfo { hasNextPage } } } } }",
    "{ products(first: 100) { facets { products(first: 5000) { totalCount } } } }",
  ]) {
    expect(refusalOf(query)).toMatchObject({ code: "QUERY_TOO_COMPLEX", kind: "cost" });
  }
});

test("variables and arguments that do not fit are the client's fault", () => {
  const query = "query ($n: Int!) { products(first: $n) { nodes { id } } }";
  for (const variables of [{}, { n: "many" }, { n: null }]) {
    expect(refusalOf(query, variables)).toMatchObject({ code: "BAD_USER_INPUT" });
  }
  expect(
    refusalOf("query ($n: Int) { guesses(first: $n) { id } }", { n: undefined }),
  ).toMatchObject({ code: "BAD_USER_INPUT" });
});
