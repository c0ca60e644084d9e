import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";

let world: World;
let pool: pg.Pool;

beforeAll(async () => {
  world = await createWorld({ workers: 0 });
  pool = new pg.Pool({ connectionString: world.databaseUrl, max: 1 });
  await world.openShop();
});
afterAll(async () => {
  await pool.end();
  await world.stop();
});

interface Manifest {
  readonly operations: readonly { id: string; name: string }[];
}
const manifest = JSON.parse(
  readFileSync(new URL("../../../schema/persisted-query-manifest.json", import.meta.url), "utf8"),
) as Manifest;

/** Sends a stored operation by its hash as a GET request. */
function get(
  name: string,
  headers: Record<string, string> = {},
  variables: Record<string, unknown> = {},
  url = world.url,
): Promise<Response> {
  const hash = manifest.operations.find((operation) => operation.name === name)?.id;
  const parameters = new URLSearchParams({
    operationName: name,
    variables: JSON.stringify(variables),
    extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } }),
  });
  return fetch(`${url}/graphql?${parameters.toString()}`, {
    headers: { "apollo-require-preflight": "1", ...headers },
  });
}

const names = async (response: Response): Promise<string[]> =>
  ((await response.json()) as { data: { categories: { name: string }[] } }).data.categories.map(
    ({ name }) => name,
  );

/** Renames the first category; without its trigger nobody is told. */
async function rename(to: string, options: { told: boolean }): Promise<void> {
  const can = options.told ? "enable" : "disable";
  await pool.query(`alter table categories ${can} trigger categories_changed`);
  await pool.query(
    `update categories set name_en = $1 where id = (
       select id from categories where parent_id is null and is_active order by sort_order, id limit 1)`,
    [to],
  );
}

test("an answer is kept until its rows change, on all nodes", async () => {
  const [first] = await names(await get("Categories"));
  await rename("Untold", { told: false });
  expect((await names(await get("Categories")))[0]).toBe(first);
  await rename("Told", { told: true });
  for (const { url } of world.nodes) {
    await until(async () => (await names(await get("Categories", {}, {}, url)))[0] === "Told");
  }
});

test("it may be kept by everybody, and need not be sent again", async () => {
  const response = await get("Categories");
  const etag = response.headers.get("etag") ?? "";
  expect(etag).toMatch(/^"[\w-]{27}"$/);
  expect(response.headers.get("cache-control")).toContain("public");
  expect(response.headers.get("vary")).toContain("Accept-Language");
  const again = await get("Categories", { "if-none-match": `"other", W/${etag}` });
  expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
  const other = await get("Categories", { "if-none-match": '"other"' });
  expect([other.status, other.headers.get("etag")]).toEqual([200, etag]);
});

test("each language has its own", async () => {
  const english = await names(await get("Categories", { "accept-language": "en" }));
  const khmer = await names(await get("Categories", { "accept-language": "km" }));
  expect(khmer).not.toEqual(english);
  expect(await names(await get("Categories", { "accept-language": "km" }))).toEqual(khmer);
});

test.each([
  ["credentials", () => get("Categories", { authorization: "Bearer none" })],
  ["a field of the viewer's", () => get("Product", {}, { slug: "none" })],
  ["a text in place of a hash", () => fetch(`${world.url}/graphql?query={categories{id}}`)],
])("%s: nothing is kept", async (_what, send) => {
  const response = await send();
  expect(response.headers.get("etag")).toBeNull();
  expect(response.headers.get("cache-control") ?? "").not.toContain("public");
});

test("what shoppers say is kept until a review is approved or changed", async () => {
  const { rows } = await pool.query<{ id: string }>(
    "select id from products where status = 'active' order by id limit 1",
  );
  const id = rows[0]!.id;
  const said = async () => {
    const response = await get("ProductReviews", {}, { id });
    const { product } = ((await response.json()) as { data: { product: any } }).data;
    const etag = response.headers.get("etag");
    return { etag, count: product.ratingSummary.count, reviews: product.reviews.nodes };
  };
  const before = await said();
  expect(before.etag).not.toBeNull();
  await pool.query("insert into users (id) values ('usr_000000000000z')");
  await pool.query(
    `insert into reviews (id, product_id, user_id, rating, comment)
     values ('rev_000000000000z', $1, 'usr_000000000000z', 5, 'Waits.')`,
    [id],
  );
  expect(await said()).toEqual(before);
  await pool.query("update reviews set status = 'APPROVED' where id = 'rev_000000000000z'");
  await until(async () => (await said()).count === before.count + 1);
  expect((await said()).reviews.map(({ comment }: any) => comment)).toContain("Waits.");
  await pool.query("update reviews set helpful_count = 7 where id = 'rev_000000000000z'");
  await until(async () => {
    const { reviews } = await said();
    return reviews.some(({ helpfulCount }: any) => helpfulCount === 7);
  });
});

test("lists with their counts are kept", async () => {
  for (const name of ["Products", "ProductFacets", "Category"]) {
    const response = await get(name, {}, name === "Category" ? { slug: "none" } : {});
    expect([name, response.headers.get("etag")]).toEqual([name, expect.any(String)]);
  }
});

test("requests that a foreign page could make are refused, also when the answer is known", async () => {
  expect((await get("Categories")).status).toBe(200);
  const response = await get("Categories", { "apollo-require-preflight": "" });
  expect(response.status).toBe(400);
});

test("nothing is kept while changes cannot be heard of", async () => {
  await pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'facet row changes'",
  );
  await rename("After the cut", { told: false });
  await until(async () => (await names(await get("Categories")))[0] === "After the cut");
});
