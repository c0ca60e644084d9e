import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { Gate } from "../../../support/gate.ts";
import { hasRedisServer, RedisServer } from "../../../support/redis-server.ts";
import { until } from "../../../support/until.ts";
import { createWorld, type World } from "../../../support/world.ts";

const { operations } = JSON.parse(
  readFileSync(
    new URL("../../../../schema/persisted-query-manifest.json", import.meta.url),
    "utf8",
  ),
) as { operations: { id: string; name: string; body: string }[] };
const PUBLIC = ["Products", "ProductFacets", "Categories", "Category", "SkinConcerns"];

let redis: { server: RedisServer; gate: Gate } | null = null;
let world: World;
let pool: pg.Pool;
beforeAll(async () => {
  if (hasRedisServer) {
    const server = await RedisServer.start();
    redis = { server, gate: await Gate.before(server.url) };
  }
  world = await createWorld({
    workers: 0,
    ...(redis ? { redisUrl: redis.gate.urlOf(redis.server.url) } : {}),
  });
  pool = new pg.Pool({ connectionString: world.databaseUrl, max: 3 });
  await world.openShop();
});
afterAll(async () => {
  await pool.end();
  await world.stop();
  await redis?.gate.close();
  await redis?.server.down();
});

const operation = (name: string) => operations.find((one) => one.name === name)!;

interface Sending {
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly url?: string;
}

/** Sends a stored operation by its hash. */
function get(name: string, { variables = {}, headers = {}, method, url }: Sending = {}) {
  const parameters = new URLSearchParams({
    operationName: name,
    variables: JSON.stringify(variables),
    extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: operation(name).id } }),
  });
  return fetch(`${url ?? world.url}/graphql?${parameters.toString()}`, {
    method: method ?? "GET",
    headers: { "apollo-require-preflight": "1", ...headers },
  });
}

const NEWEST = { first: 3, sort: "NEWEST" };
const variablesOf = (name: string) =>
  name === "Products" ? NEWEST : name === "Category" ? { slug: "serums" } : {};
const textOf = async (response: Response | Promise<Response>) => (await response).text();
const etagOf = (response: Response) => response.headers.get("etag");
/** What PostgreSQL changed, told to nobody in the test but the servers. */
const change = (sql: string) => pool.query(sql);
const FIRST =
  "(select id from products where status = 'active' order by published_at desc, id desc limit 1)";

test.each(PUBLIC)("%s: the answer that everybody gets, with what caches need", async (name) => {
  const variables = variablesOf(name);
  const first = await get(name, { variables });
  const body = await first.text();
  const posted = await world.stranger().send(operation(name).body, variables);
  expect(posted.errors).toBeUndefined();
  expect(JSON.parse(body)).toEqual({ data: posted.data });
  expect(etagOf(first)).toMatch(/^"[\w-]{27}"$/);
  for (const { url } of world.nodes) {
    const again = await get(name, { variables, url });
    expect([etagOf(again), await again.text()]).toEqual([etagOf(first), body]);
    expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
    expect(again.headers.get("cache-control")).toMatch(/^public, max-age=\d+, must-revalidate$/);
  }
  expect(posted.headers.get("etag")).toBeNull();
  expect(posted.headers.get("cache-control") ?? "").not.toContain("public");
});

test("what a cache has need not be sent again", async () => {
  const whole = await get("Products", { variables: NEWEST });
  const etag = etagOf(whole)!;
  const ask = (known: string) =>
    get("Products", { variables: NEWEST, headers: { "if-none-match": known } });
  for (const known of [
    etag,
    `W/${etag}`,
    `"a", ${etag}`,
    `"a",W/${etag} , "b"`,
    "*",
    ` ${etag} `,
  ]) {
    const answer = await ask(known);
    expect([known, answer.status, await answer.text()]).toEqual([known, 304, ""]);
    for (const header of ["etag", "cache-control", "vary"]) {
      expect(answer.headers.get(header)).toBe(whole.headers.get(header));
    }
  }
  for (const known of [
    '"other"',
    "",
    etag.slice(1, -1),
    `${etag.slice(0, -2)}"`,
    '"a", "b"',
    '"*"',
  ]) {
    const answer = await ask(known);
    expect([known, answer.status, etagOf(answer)]).toEqual([known, 200, etag]);
  }
  for (const header of ["Accept", "Accept-Language", "Authorization", "Origin"]) {
    expect(whole.headers.get("vary")?.split(", ")).toContain(header);
  }
});

test("HEAD and other methods: never a fault, never a body that is kept", async () => {
  for (const method of ["HEAD", "POST", "PUT", "DELETE"]) {
    const answer = await get("Products", { variables: NEWEST, method });
    expect([method, answer.status < 500, etagOf(answer)]).toEqual([method, true, null]);
    expect(answer.headers.get("cache-control") ?? "").not.toContain("public");
  }
});

test.each([
  ["a price", `update products set price = price + 1, compare_at_price = null where id = ${FIRST}`],
  ["a stock", `update products set stock = 0, track_inventory = true where id = ${FIRST}`],
  ["the name of a category", "update categories set name_en = name_en || '!'"],
  ["a shelf", `delete from product_categories where product_id = ${FIRST}`],
  ["a product taken off", `update products set status = 'archived' where id = ${FIRST}`],
  [
    "an approved review",
    `with writer as (insert into users (id) values ('usr_0000000000001') returning id)
     insert into reviews (id, product_id, user_id, rating, comment, status)
     select 'rev_0000000000001', ${FIRST}, id, 5, '', 'APPROVED' from writer`,
  ],
])("%s changes: soon everybody gets the new answer, under a new tag", async (_what, sql) => {
  const before = await get("Products", { variables: NEWEST });
  await change(sql);
  for (const { url } of world.nodes) {
    await until(async () => {
      const after = await get("Products", { variables: NEWEST, url });
      return etagOf(after) !== etagOf(before);
    });
  }
  const fresh = await world.stranger().must(operation("Products").body, NEWEST);
  const { data } = JSON.parse(await textOf(get("Products", { variables: NEWEST }))) as object & {
    data: unknown;
  };
  expect(withoutPorts(data)).toEqual(withoutPorts(fresh));
});

/** The nodes share what they keep, and in a test each writes addresses of its own. */
const withoutPorts = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data).replaceAll(/localhost:\d+/g, "localhost"));

test("an answer that was being made while a row changed is not kept", async () => {
  const variables = { first: 2, sort: "NEWEST" };
  const holder = await pool.connect();
  try {
    // The products are read before, their categories after the change.
    await holder.query("begin; lock table product_categories in access exclusive mode");
    const started = get("Products", { variables });
    await until(async () => {
      const { rows } = await pool.query("select 1 from pg_locks where not granted");
      return rows.length > 0;
    });
    await change(`update products set brand = 'Renamed meanwhile' where id = ${FIRST}`);
    const told = get("Categories");
    await holder.query("commit");
    expect(await textOf(started)).not.toContain("Renamed meanwhile");
    await told;
  } finally {
    holder.release();
  }
  for (const { url } of world.nodes) {
    await until(async () =>
      (await textOf(get("Products", { variables, url }))).includes("Renamed meanwhile"),
    );
    for (let time = 0; time < 20; time += 1) {
      expect(await textOf(get("Products", { variables, url }))).toContain("Renamed meanwhile");
    }
  }
});

test("a language, a set of variables and a form of answer each have their own", async () => {
  const ask = async (language: string, variables: object, accept = "application/json") => {
    const headers = { "accept-language": language, accept };
    const response = await get("Products", { variables: { ...variables }, headers });
    return `${response.headers.get("content-type")} ${await response.text()}`;
  };
  const modern = "application/graphql-response+json";
  const answers = async () => [
    await ask("en", NEWEST),
    await ask("km", NEWEST),
    await ask("en", { first: 2, sort: "NEWEST" }),
    await ask("en", { first: 3, sort: "PRICE_ASC" }),
    await ask("en", NEWEST, modern),
  ];
  const first = await answers();
  expect(new Set(first).size).toBe(5);
  expect(await answers()).toEqual(first);
  expect(await ask("km-KH, en;q=0.5", NEWEST)).toBe(first[1]);
});

test("errors and what depends on the viewer are never kept", async () => {
  const person = await world.person();
  const authorization = `Bearer ${person.session!.accessToken}`;
  const { products } = await person.must("{ products(first: 1) { nodes { id slug } } }");
  const [{ id, slug }] = products.nodes;
  const sendings: [string, Sending][] = [
    ["Products", { variables: { first: 101 } }],
    ["Products", { variables: { first: "x" } }],
    ["Products", { variables: { filter: { priceMin: "9", priceMax: "1" } } }],
    ["Products", { variables: NEWEST, headers: { authorization } }],
    ["Products", { variables: NEWEST, headers: { authorization: "Bearer none" } }],
    ["Product", { variables: { slug } }],
    ["Wishlist", { headers: { authorization } }],
    ["Viewer", { headers: { authorization } }],
  ];
  for (const [name, sending] of sendings) {
    for (let time = 0; time < 2; time += 1) {
      const answer = await get(name, sending);
      expect([name, sending, answer.status < 500, etagOf(answer)]).toEqual([
        name,
        sending,
        true,
        null,
      ]);
      expect(answer.headers.get("cache-control") ?? "").not.toContain("public");
    }
  }
  // Kept for strangers, and still the viewer's own for the viewer.
  await person.must(
    "mutation ($id: ID!) { addToWishlist(input: { productId: $id }) { problems { code } } }",
    { id },
  );
  const mine = await get("Product", { variables: { slug }, headers: { authorization } });
  expect(await mine.text()).toContain('"isWishlisted":true');
  expect(await textOf(get("Product", { variables: { slug } }))).toContain('"isWishlisted":false');
});

(redis === null && !hasRedisServer ? test.skip : test)(
  "what changed while Redis was away is not served from it when it is back",
  async () => {
    const { gate } = redis!;
    const variables = { first: 4, sort: "NEWEST" };
    const old = await textOf(get("Products", { variables }));
    gate.shut();
    await change(`update products set brand = 'Changed in the dark' where id = ${FIRST}`);
    const isNew = async (url: string) =>
      (await textOf(get("Products", { variables, url }))).includes("Changed in the dark");
    for (const { url } of world.nodes) await until(() => isNew(url));
    expect(old).not.toContain("Changed in the dark");
    gate.reopen();
    for (const node of world.nodes) {
      await until(() => node.stores.redis?.status === "ready");
      for (let time = 0; time < 20; time += 1) expect(await isNew(node.url)).toBe(true);
    }
  },
);
