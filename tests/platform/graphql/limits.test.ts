import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { getIntrospectionQuery } from "graphql";
import type { TestClient } from "../../support/client.ts";
import { RawSocket } from "../../support/raw-socket.ts";
import { createWorld, type World } from "../../support/world.ts";

const VIEWER = "{ viewer { id } }";
const MODERN = "application/graphql-response+json";
const manifest = JSON.parse(
  readFileSync(new URL("../../../schema/persisted-query-manifest.json", import.meta.url), "utf8"),
) as { operations: { id: string; name: string; body: string }[] };
const stored = manifest.operations.find(({ name }) => name === "Categories")!;

let world: World;
let ada: TestClient;
let socket: RawSocket;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  ada = await world.person();
  socket = await RawSocket.ready(world.url, ada.session!.accessToken);
});
afterAll(async () => {
  socket.close();
  await world.stop();
});

const repeat = (count: number, text: (index: number) => string, separator = " "): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(separator);

function nested(depth: number): string {
  // viewer > skinAnalyses > nodes > retryOf > retryOf … > id
  const inner = depth - 4;
  return `{ viewer { skinAnalyses(first: 1) { nodes { ${"retryOf { ".repeat(inner)} id ${"}".repeat(inner)} } } } }`;
}

/** Sends over HTTP and over a WebSocket, and expects the same first error of both. */
async function bothRefuse(query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const started = performance.now();
  const http = await ada.send(query, variables);
  const overSocket = await socket.run(query, variables);
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(http.status).toBe(400);
  expect(http.data).toBeUndefined();
  const errors = [http.errors![0]!, overSocket.errors[0]];
  const [first, second] = errors.map(({ message, extensions: { requestId, ...extensions } }) => {
    expect(requestId).toEqual(expect.any(String));
    return { message, extensions };
  });
  expect(second).toEqual(first);
  return first!.extensions;
}

describe("an operation that is too large is refused, over HTTP and WebSocket alike", () => {
  test.each([
    ["depth", nested(13), { kind: "depth", cost: 13, limit: 12 }],
    [
      "aliases",
      `{ ${repeat(31, (index) => `a${index}: __typename`)} }`,
      { kind: "aliases", limit: 30 },
    ],
    [
      "aliases of a login",
      `mutation { ${repeat(31, (index) => `a${index}: logout(input: {}) { problems { code } }`)} }`,
      { kind: "aliases", limit: 30 },
    ],
    [
      "root fields",
      `{ ${repeat(21, () => "categories { slug }")} }`,
      { kind: "rootFields", cost: 21, limit: 20 },
    ],
    [
      "root fields in fragments",
      `{ ...A ...B } fragment A on Query { ${repeat(11, () => "__typename")} } fragment B on Query { ${repeat(11, () => "__typename")} }`,
      { kind: "rootFields", limit: 20 },
    ],
    ["selections", exponential(11), { kind: "selections", limit: 3_000 }],
    [
      "cost of pages in pages",
      "{ products(first: 100) { nodes { categories { products(first: 100) { nodes { id } } } } } }",
      { kind: "cost", limit: 5_000 },
    ],
  ])("%s", async (_what, query, expected) => {
    const extensions = await bothRefuse(query);
    expect(extensions).toMatchObject({ code: "QUERY_TOO_COMPLEX", ...expected });
    expect(extensions.cost).toBeGreaterThan(extensions.limit);
  });

  test("sizes in variables count like those in the text", async () => {
    const query =
      "query ($n: Int!) { products(first: $n) { nodes { categories { products(first: $n) { nodes { id } } } } } }";
    expect(await bothRefuse(query, { n: 100 })).toMatchObject({ kind: "cost" });
    expect((await ada.send(query, { n: 2 })).errors).toBeUndefined();
  });

  test("what a large page has once is not counted for each of its items", async () => {
    const query =
      "{ products(first: 100) { nodes { name } facets { brands { brand productCount } } totalCount pageInfo { hasNextPage } } }";
    const { products } = await ada.must(query);
    expect(products).toMatchObject({ nodes: [], facets: { brands: [] }, totalCount: 0 });
  });

  test("more than 2,000 tokens", async () => {
    const query = `{ ${repeat(2_000, () => "__typename")} }`;
    expect((await bothRefuse(query)).code).toBe("GRAPHQL_PARSE_FAILED");
  });

  test("fragments that double 30 times", async () => {
    expect((await bothRefuse(exponential(30))).code).toBe("QUERY_TOO_COMPLEX");
  });

  test("a hundred fragments that spread each other twice", async () => {
    expect((await bothRefuse(exponential(100))).code).toBe("QUERY_TOO_COMPLEX");
  });

  test("fragments in a circle", async () => {
    const query = "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }";
    expect((await bothRefuse(query)).code).toBe("GRAPHQL_VALIDATION_FAILED");
  });

  test("fields that conflict in many ways", async () => {
    const fields = repeat(300, (index) => `a: ${index % 2 === 0 ? "id" : "firstName"}`);
    expect((await bothRefuse(`{ viewer { ${fields} } }`)).code).toBe("GRAPHQL_VALIDATION_FAILED");
  });

  test.each([
    ["unknown ones", repeat(500, (index) => `@x${index}`)],
    ["one that may stand once", repeat(200, () => "@include(if: true)")],
  ])("many directives: %s", async (_what, directives) => {
    const query = `{ viewer { id ${directives} } }`;
    expect((await bothRefuse(query)).code).toBe("GRAPHQL_VALIDATION_FAILED");
  });

  test("lists of more than a hundred ids", async () => {
    const query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    const ids = (count: number) => Array.from({ length: count }, () => "prd_0");
    expect((await ada.must(query, { ids: ids(100) })).nodes).toHaveLength(100);
    for (const count of [101, 5_000]) {
      const variables = { ids: ids(count) };
      for (const { errors } of [
        await ada.send(query, variables),
        await socket.run(query, variables),
      ])
        expect(errors![0].extensions.code).toBe("BAD_USER_INPUT");
    }
  });

  test("pages of more than a hundred", async () => {
    for (const first of [0, -1, 101, 2_147_483_647]) {
      const { errors } = await ada.send(`{ products(first: ${first}) { nodes { id } } }`);
      expect(["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"]).toContain(errors![0]!.extensions.code);
    }
  });
});

describe("what comes over HTTP", () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${world.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: MODERN, ...headers },
      body,
    });

  test("batches are not read", async () => {
    const response = await post(JSON.stringify([{ query: VIEWER }, { query: VIEWER }]));
    expect(response.status).toBe(400);
  });

  test("a body of more than 100 kB is not read", async () => {
    const response = await post(JSON.stringify({ query: VIEWER, pad: "x".repeat(102_400) }));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: "BODY_TOO_LARGE" } }],
    });
  });

  test("GET changes nothing", async () => {
    const query = encodeURIComponent("mutation { logout(input: {}) { problems { code } } }");
    const response = await fetch(`${world.url}/graphql?query=${query}`, {
      headers: {
        "apollo-require-preflight": "1",
        authorization: `Bearer ${ada.session!.accessToken}`,
      },
    });
    expect(response.status).toBe(405);
    expect((await ada.must(VIEWER)).viewer.id).toBe(ada.userId);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])(
    "a form of another site (%s) is not answered",
    async (type) => {
      const response = await post(JSON.stringify({ query: VIEWER }), { "content-type": type });
      expect([400, 415]).toContain(response.status);
    },
  );

  test("a GET that any site can send is not answered", async () => {
    const query = encodeURIComponent("{ __typename }");
    expect((await fetch(`${world.url}/graphql?query=${query}`)).status).toBe(400);
  });

  test("subscriptions are sent to the WebSocket", async () => {
    const answer = await ada.send("subscription { viewerEvents { seq } }");
    expect(answer).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_USER_INPUT" } }],
    });
  });

  test("clients cannot register operations", async () => {
    const { createHash } = await import("node:crypto");
    const query = "query Mine { viewer { id } }";
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    await post(JSON.stringify({ query, extensions }));
    const answer = await (await post(JSON.stringify({ extensions }))).json();
    expect(answer.errors[0].extensions.code).toBe("PERSISTED_QUERY_NOT_FOUND");
    const { errors } = await socket.run("", {}, { extensions });
    expect(errors[0].extensions.code).toBe("PERSISTED_QUERY_NOT_FOUND");
  });
});

describe("values", () => {
  const FIND = "query ($id: ID!) { skinAnalysis(id: $id) { id } }";

  test.each([
    ["a zero byte", "ska_\u0000"],
    ["half a surrogate pair", "ska_\ud800"],
  ])("%s in a text is refused", async (_what, id) => {
    expect(await bothRefuse(FIND, { id })).toMatchObject({ code: "BAD_USER_INPUT" });
    const literal = `{ skinAnalysis(id: ${JSON.stringify(id)}) { id } }`;
    expect((await bothRefuse(literal)).code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_PARSE_FAILED)$/);
  });
});

describe("closed servers", () => {
  let closed: World;

  beforeAll(async () => {
    closed = await createWorld({
      nodes: 1,
      workers: 0,
      env: { INTROSPECTION: "false", TRUSTED_DOCUMENTS: "true", COST_BUDGET_PER_MINUTE: "150" },
    });
  });
  afterAll(() => closed.stop());

  test("introspection is closed", async () => {
    const raw = await RawSocket.ready(closed.url);
    for (const query of [getIntrospectionQuery(), '{ __type(name: "Viewer") { name } }']) {
      const overHttp = await closed.stranger().send(query);
      const overSocket = await raw.run(query);
      for (const { errors } of [overHttp, overSocket]) {
        expect(errors![0].extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
      }
    }
    raw.close();
  });

  test("only the published operations run: by their text or by their hash", async () => {
    const raw = await RawSocket.ready(closed.url);
    const extensions = { persistedQuery: { version: 1, sha256Hash: stored.id } };
    const own = await closed.stranger().send("{ __typename }");
    expect(own).toMatchObject({ status: 400, errors: [{ extensions: { code: "FORBIDDEN" } }] });
    expect((await raw.run("{ __typename }")).errors[0].extensions.code).toBe("FORBIDDEN");

    const byHash = await fetch(`${closed.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ extensions }),
    });
    expect(await byHash.json()).toEqual({ data: { categories: [] } });
    expect((await closed.stranger().send(stored.body)).data).toEqual({ categories: [] });
    expect((await raw.run("", {}, { extensions })).data).toEqual({ categories: [] });
    expect((await raw.run(stored.body)).data).toEqual({ categories: [] });
    raw.close();
  });

  test("a budget that is used up names the time to wait", async () => {
    const raw = await RawSocket.ready(closed.url);
    let answer = await closed.stranger().send(stored.body);
    for (let count = 0; count < 200 && !answer.errors; count += 1) {
      answer = await closed.stranger().send(stored.body);
    }
    expect(answer.status).toBe(429);
    const { errors } = await raw.run(stored.body);
    for (const { extensions } of [answer.errors![0]!, errors[0]]) {
      expect(extensions.code).toBe("RATE_LIMITED");
      expect(extensions.retryAfterMs).toBeGreaterThan(0);
      expect(extensions.retryAfterMs).toBeLessThanOrEqual(60_000);
    }
    raw.close();
  });
});

/** Fragments of which each spreads the next one twice. */
function exponential(count: number): string {
  const fragments = repeat(count, (index) =>
    index === count - 1
      ? `fragment F${index} on Query { __typename }`
      : `fragment F${index} on Query { categories { slug } ...F${index + 1} ...F${index + 1} }`,
  );
  return `{ ...F0 } ${fragments}`;
}
