import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../../../support/client.ts";
import { createWorld, type World } from "../../../support/world.ts";
import { carefully } from "./careful.ts";

let world: World;
let person: TestClient;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  await world.openShop();
  person = await world.person();
});
afterAll(() => world.stop());

const send = (query: string, variables: Record<string, unknown>) =>
  carefully(person, query, variables);

test.each([
  ..."%_'\"\\`;*?+|&!()[]{}<>:~^$#@,./-=",
  ...[
    "%%%%%%",
    "__",
    "\\'",
    "''",
    "--",
    "/*",
    "<->",
    ":*",
    "| | |",
    "!!!",
    "$1",
    "{}",
    "\u200b\u200b",
  ],
  ...[
    "🧴",
    "👩‍🔬🧪",
    "ស",
    "សេរ៉ូម",
    "សេ រ៉ូម %",
    "្",
    "ាាាាាា",
    "\u202eserum",
    "ｓｅｒｕｍ",
    "ß",
    "İ",
    "ﬁ",
  ],
  ...[
    "serum'",
    "serum\\",
    'serum" or "a',
    "a & b | !c",
    "serum:*A",
    "' || pg_sleep(5) || '",
    "\t\n",
  ],
  ...[
    "a".repeat(200),
    "ab ".repeat(66),
    "ស".repeat(200),
    "សេ ".repeat(66),
    "% ".repeat(100),
    "a".repeat(41),
  ],
  ...["the of and", "null", "true", "0", "-1", "1e9", "   ", " serum ", "SERUM serum SeRuM"],
])("a search for %j is answered, with as many as it counts", async (search) => {
  for (const sort of ["RELEVANCE", "PRICE_ASC"]) {
    const { data, errors } = await send(
      `query ($filter: ProductFilter, $sort: ProductSort!) {
        products(filter: $filter, sort: $sort, first: 100) { nodes { id } totalCount }
        counts: products(filter: $filter, first: 1) { facets { brands { brand } } } }`,
      { filter: { search }, sort },
    );
    expect({ search, errors }).toEqual({ search, errors: undefined });
    expect(data.products.totalCount).toBe(data.products.nodes.length);
  }
  const { errors } = await send(
    "query ($prefix: String!) { searchSuggestions(prefix: $prefix) { kind brand category { id } product { id } } }",
    { prefix: search },
  );
  expect({ search, errors }).toEqual({ search, errors: undefined });
});
