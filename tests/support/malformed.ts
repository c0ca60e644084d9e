import { seeded } from "../../src/platform/random/seeded.ts";

/** A request or frame that no well-meaning client sends. */
export interface MalformedRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | string | null;
}

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
const TEXTS = [
  cursor("job.newest", "\ud800"),
  cursor("job.newest", 1e308),
  cursor("analysis.newest", null),
  cursor("session.newest", "x"),
  cursor("product.newest", "x", "y"),
  cursor("NEWEST", "2026-13-99", "prd_0"),
  "ska_0AR5ZZZZZZZZZ",
  "2026-01-01T00:00:00Z",
  "0000-00-00T99:99:99Z",
  "+275760-09-13T00:00:00.001Z",
  "",
  "\0",
  "\ud800",
  "\u202e\u0000x",
  "🦊".repeat(300),
  "'; drop table users; --",
  "${jndi:ldap://x}",
  "../../../../etc/passwd",
  "%00",
  "<script>",
  "a".repeat(5_000),
  "__proto__",
  "constructor",
  "NaN",
  "-0",
  "9".repeat(400),
];
const VALUES = [
  null,
  true,
  [],
  {},
  0,
  -1,
  1e308,
  2 ** 53,
  2_147_483_648,
  -0.5,
  [[[]]],
  { a: { b: [] } },
];
const NUMBERS = [0, -1, 1, 101, 2_147_483_647, 2 ** 31, 1.5, 1e308];
const FIELDS = {
  id: TEXTS,
  uploadId: TEXTS,
  deviceId: TEXTS,
  deviceSecret: TEXTS,
  platform: ["IOS"],
  notes: TEXTS,
  idempotencyKey: TEXTS,
  token: TEXTS,
  refreshToken: TEXTS,
  email: TEXTS,
  password: TEXTS,
  firstName: TEXTS,
  dateOfBirth: ["0000-00-00", "0000-01-01", "9999-12-31", "99999-01-01", "2026-02-30", "x"],
  purpose: ["SELFIE"],
  contentType: ["image/png", ...TEXTS],
  byteSize: NUMBERS,
  categorySlug: TEXTS,
  priceMin: ["-1", "1e999", "9".repeat(60), "0.001", "x"],
  priceMax: ["0", "1e-9", "Infinity"],
};
/** Operations with what their variable takes: a text, a number, a list of texts, or an input with these fields. */
const OPERATIONS: readonly [
  string,
  "text" | "number" | "texts" | readonly (keyof typeof FIELDS)[],
][] = [
  ["query ($v: ID!) { skinAnalysis(id: $v) { id } }", "text"],
  ["query ($v: ID!) { node(id: $v) { id } }", "text"],
  ["query ($v: [ID!]!) { nodes(ids: $v) { id } }", "texts"],
  ["query ($v: String) { products(after: $v) { nodes { id } } }", "text"],
  ["query ($v: Int) { products(first: $v) { nodes { id } } }", "number"],
  [
    "query ($v: ProductFilter) { products(filter: $v) { nodes { id } } }",
    ["categorySlug", "priceMin", "priceMax"],
  ],
  ["query ($v: String!) { category(slug: $v) { slug } }", "text"],
  ["query ($v: ID) { product(id: $v) { id } }", "text"],
  ["query ($v: String) { viewer { skinAnalyses(after: $v) { nodes { id } } } }", "text"],
  ["query ($v: String) { viewer { jobs(before: $v, last: 3) { nodes { id } } } }", "text"],
  ["query ($v: String) { viewer { sessions(after: $v) { nodes { id } } } }", "text"],
  ["query ($v: DateTime) { viewer { acneSeverity(from: $v) { score } } }", "text"],
  ["query ($v: ID!) { viewer { skinComparison(a: $v, b: $v) { sameMethod } } }", "text"],
  [mutation("AnalyzeSkin"), ["uploadId", "notes", "idempotencyKey"]],
  [mutation("CreateUpload"), ["purpose", "contentType", "byteSize"]],
  [mutation("LoginWithDevice"), ["deviceId", "deviceSecret", "platform"]],
  [mutation("LoginWithPassword"), ["email", "password"]],
  [mutation("UpdateProfile"), ["firstName", "dateOfBirth"]],
  [mutation("VerifyEmail"), ["token"]],
  [mutation("RefreshSession"), ["refreshToken"]],
  [mutation("CancelJob"), ["id"]],
  [mutation("RetryJob"), ["id", "idempotencyKey"]],
  [mutation("DeleteSkinAnalysis"), ["id"]],
  ["subscription ($v: ID!) { jobChanged(id: $v) { job { id } } }", "text"],
  ["subscription ($v: Int) { viewerEvents(after: $v) { seq } }", "number"],
];
const PATHS = [
  "/graphql",
  "/graphql?query=%00",
  "/graphql?query={a}&variables=%7B",
  "/graphql?query={__typename}&extensions=5&variables=[]",
  "/healthz?x=%ff",
  "/readyz/../../etc",
  "/media/..%2f..%2fetc%2fpasswd?expires=1&signature=x",
  "/media/a/b?expires=NaN",
  "/uploads/%2e%2e/x?expires=99999999999&contentType=a&byteSize=-1&signature=%00",
  "/uploads/temp/upl_0?expires=1e99",
  "/verify-email?token=%00",
  "/verify-email?token=" + "x".repeat(3_000),
  "/%",
  "/%00",
  "/" + "a/".repeat(500),
  "/graphiql%2f",
];

function mutation(name: string): string {
  const field = name.charAt(0).toLowerCase() + name.slice(1);
  return `mutation ($v: ${name}Input!) { ${field}(input: $v) { problems { code } } }`;
}

/** Makes requests, the same ones for the same seed. */
export function malformedRequests(seed: number): () => MalformedRequest {
  const draw = drawing(seed);
  return () => {
    const kind = draw.integer(10);
    const method = kind < 8 ? "POST" : draw.one(["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]);
    const headers: Record<string, string> = {
      "content-type": draw.one([
        ...Array.from({ length: 40 }, () => "application/json"),
        "application/json; charset=utf-16",
        "text/plain",
        "application/graphql",
        "multipart/form-data; boundary=x",
        ";",
      ]),
    };
    if (draw.integer(20) === 0) headers["accept"] = draw.one(["", "*/*", "text/html", "a/b;q=x"]);
    if (draw.integer(20) === 0)
      headers["authorization"] = draw.one(["Bearer", "Bearer x.y.z", "x"]);
    const body = ["GET", "OPTIONS"].includes(method) ? null : draw.body();
    return { path: kind < 6 ? "/graphql" : draw.one(PATHS), method, headers, body };
  };
}

/** Makes WebSocket frames, the same ones for the same seed. */
export function malformedFrames(seed: number): () => Buffer | string {
  const draw = drawing(seed);
  return () => {
    if (draw.integer(3) === 0) return draw.body();
    const type = draw.one(["subscribe", "subscribe", "complete", "ping", "pong", "next", "x", 5]);
    return JSON.stringify({
      type,
      id: draw.integer(5) === 0 ? draw.value() : draw.one(TEXTS),
      payload: draw.integer(4) === 0 ? draw.value() : draw.operation(),
    });
  };
}

function drawing(seed: number) {
  const random = seeded(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const one = <T>(list: readonly T[]): T => list[integer(list.length)] as T;
  const bytes = () => Buffer.from(Array.from({ length: integer(400) }, () => integer(256)));
  const value = (): unknown => (random() < 0.5 ? one(TEXTS) : one(VALUES));
  const fitting = (kind: (typeof OPERATIONS)[number][1]): unknown => {
    if (random() < 0.1) return value();
    if (kind === "text") return one(TEXTS);
    if (kind === "number") return one(NUMBERS);
    if (kind === "texts") return [one(TEXTS), one(TEXTS)];
    return Object.fromEntries(kind.map((name) => [name, one<unknown>(FIELDS[name])]));
  };
  const operation = () => {
    const [query, kind] = one(OPERATIONS);
    return {
      query: random() < 0.05 ? value() : query,
      variables: random() < 0.05 ? value() : { v: fitting(kind) },
      ...(random() < 0.05 ? { operationName: value() } : {}),
      ...(random() < 0.1
        ? { extensions: one([value(), { persistedQuery: value() }, { headers: value() }]) }
        : {}),
    };
  };
  const body = (): Buffer | string => {
    const json = JSON.stringify(operation());
    return one<() => Buffer | string>([
      ...Array.from({ length: 16 }, () => () => json),
      () => json.slice(0, integer(json.length)),
      () => json.replace(/"/g, "'"),
      () => "[".repeat(20_000),
      () => '{"query":'.repeat(3_000),
      () => `[${json},${json}]`,
      () => JSON.stringify(value()) ?? "",
      bytes,
    ])();
  };
  return { integer, one, value, operation, body };
}
