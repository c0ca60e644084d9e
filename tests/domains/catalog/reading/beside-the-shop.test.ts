import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd } from "../../../support/analyses.ts";
import type { TestClient } from "../../../support/client.ts";
import { storeUrls } from "../../../support/database.ts";
import { Gate } from "../../../support/gate.ts";
import { until } from "../../../support/until.ts";
import { createWorld, type World } from "../../../support/world.ts";

/** A page as shoppers see it. */
const CARD = `id name price { amount } categories { id name }
  reviews(first: 3) { nodes { rating authorName } } ratingSummary { average count }`;
const page = (card: string) => `products(first: 20, sort: NEWEST) { nodes { ${card} } }`;
const VIEWER = "viewer { id firstName wallets { balance } }";
const ANALYSIS =
  "viewer { skinAnalyses(first: 1) { nodes { id status result { analysisVersion } } } }";

let mongoUrl: string;
let gate: Gate;
let world: World;
let ada: TestClient;
beforeAll(async () => {
  ({ mongoUrl } = storeUrls());
  gate = await Gate.before(mongoUrl);
  process.env["FACET_TEST_MONGO_URL"] = gate.urlOf(mongoUrl);
  world = await createWorld({ nodes: 1 });
  await world.openShop();
  ada = await world.person();
  await watchToEnd(ada, await startAnalysis(world, ada));
  const { database } = world.nodes[0]!.stores;
  await database.query(
    `insert into reviews (id, product_id, user_id, author_name, rating, comment, status)
     select 'rev_' || lpad(row_number() over ()::text, 13, '0'), id, $1, 'Ada', 4, '', 'APPROVED'
     from products`,
    [ada.userId],
  );
  await database.query(
    "insert into wishlist_items (user_id, product_id) select $1, id from products",
    [ada.userId],
  );
}, 60_000);
afterAll(async () => {
  await world.stop();
  await gate.close();
  process.env["FACET_TEST_MONGO_URL"] = mongoUrl;
});

async function statementsSoFar(): Promise<number> {
  const text = await world.nodes[0]!.metrics.registry.metrics();
  const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
  return sums.reduce((sum, match) => sum + Number(match[1]), 0);
}

/** Of an operation whose parts have been asked for before, so that what is cached is cached for all. */
async function statementsOf(query: string): Promise<number> {
  await ada.must(query);
  const before = await statementsSoFar();
  await ada.must(query);
  return (await statementsSoFar()) - before;
}

test("what the viewer sees beside the shop costs as much as alone", async () => {
  // Until Redis is known to list every ended session, PostgreSQL is asked for them.
  await until(
    () => statementsOf("{ __typename }"),
    (statements) => statements === 0,
  );
  const alone = (part: string) => statementsOf(`{ ${part} }`);
  const shop = await alone(page(CARD));
  // Products, categories and reviews.
  expect(shop).toBe(3);
  const viewer = await alone(VIEWER);
  const wishes = (await alone(page(`${CARD} isWishlisted`))) - shop;
  expect(wishes).toBe(1);
  const analysis = await alone(ANALYSIS);
  const user = await alone("viewer { id }");
  const all = await alone(`${page(`${CARD} isWishlisted`)} ${VIEWER} ${ANALYSIS}`);
  expect({ all }).toEqual({ all: shop + wishes + viewer + analysis - user });
});

test("each part is answered as alone", async () => {
  const whole = await ada.must(`{ ${page(`${CARD} isWishlisted`)} ${VIEWER} ${ANALYSIS} }`);
  const shop = await ada.must(`{ ${page(CARD)} }`);
  const { viewer } = await ada.must(`{ ${VIEWER} }`);
  const analyses = await ada.must(`{ ${ANALYSIS} }`);
  expect(whole).toEqual({
    products: {
      nodes: shop.products.nodes.map((node: object) => ({ ...node, isWishlisted: true })),
    },
    viewer: { ...viewer, ...analyses.viewer },
  });
  expect(whole.viewer.skinAnalyses.nodes[0].result.analysisVersion).toEqual(expect.any(String));
  const stranger = await world.stranger().must(`{ ${page(`${CARD} isWishlisted`)} }`);
  expect(stranger.products.nodes.map((node: any) => node.isWishlisted)).not.toContain(true);
  expect(stranger.products.nodes.map(({ isWishlisted: _, ...node }: any) => node)).toEqual(
    shop.products.nodes,
  );
});

test("without MongoDB only the field that it holds is null, with an error", async () => {
  const query = `{ ${page(`${CARD} isWishlisted`)} ${VIEWER} ${ANALYSIS} }`;
  const before = await ada.must(query);
  const statements = await statementsOf(query);
  gate.shut();
  try {
    const earlier = await statementsSoFar();
    const answer = await ada.send(query);
    expect((await statementsSoFar()) - earlier).toBe(statements);
    expect(answer.status).toBe(200);
    expect(
      answer.errors?.map(({ path, extensions }) => [path?.join("."), extensions.code]),
    ).toEqual([["viewer.skinAnalyses.nodes.0.result", "SERVICE_UNAVAILABLE"]]);
    before.viewer.skinAnalyses.nodes[0].result = null;
    expect(answer.data).toEqual(before);
    // The shop alone does not notice.
    expect((await ada.must(`{ ${page(CARD)} }`)).products.nodes).toHaveLength(
      before.products.nodes.length,
    );
  } finally {
    gate.reopen();
  }
});
