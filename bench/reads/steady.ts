import { setTimeout as pause } from "node:timers/promises";
import { collectGarbage } from "../support/collector.ts";
import { percentile, printTable, round } from "../support/figures.ts";
import { bodiesOf, facetOf } from "./contenders.ts";
import { openCustomer } from "./customer.ts";
import { load } from "./load.ts";
import { readMetrics } from "./metrics.ts";
import { OPERATIONS } from "./operations.ts";
import { ask, type Shop } from "./shop.ts";

const MINUTES = Number(process.env["MINUTES"] ?? 10);
const PER_SECOND = Number(process.env["PER_SECOND"] ?? 100);
const CONNECTIONS = 32;
const READINGS = Math.max(4, Math.round(MINUTES * 2));
const READING_MS = (MINUTES * 60_000) / READINGS;
/** What still counts as flat, as a share of the beginning. */
const FLAT = { heap: 0.05, resident: 0.1 };
const MEGABYTE = 2 ** 20;

/** Shares of the kinds of reads. */
const REQUESTS = {
  A: 240,
  B: 240,
  C: 20,
  SEARCH: 100,
  TREE: 50,
  WISHLIST: 100,
  NODE: 100,
  TEXT: 150,
};
const WORDS = ["serum", "gel", "night", "clenser", "toner", "vitamin", "spf", "rose", "គ្រីម", "oil"];

const SEARCH = `query Search($text: String!) {
  products(first: 20, filter: { search: $text }) { nodes { id name inStock } }
}`;
const TREE = `query Tree { categories { id slug name children { id slug name children { id } } } }`;
const WISHLIST = `query Wishes {
  viewer { id firstName wishlist(first: 20) { nodes { addedAt product { id name isWishlisted } } } }
}`;
const NODE = `query Node($id: ID!) {
  node(id: $id) { id ... on Product { slug name } ... on Review { rating } ... on Category { slug } }
}`;

interface Reading {
  readonly minute: number;
  readonly residentMb: number;
  /** After a collection of garbage. */
  readonly heapMb: number;
}

/** Mixed reads for minutes at a pace that does not saturate: does the memory of facet stay where it is? */
export async function steady(shop: Shop): Promise<void> {
  const { facet, inspector } = shop;
  const { accessToken } = await openCustomer(shop);
  const loading = load({
    url: facet.url,
    bodies: await mixture(shop),
    accessToken,
    seconds: MINUTES * 60,
    connections: CONNECTIONS,
    perSecond: PER_SECOND,
    verify: true,
  });
  const startMs = performance.now();
  const readings: Reading[] = [];
  while (readings.length < READINGS) {
    await pause(startMs + (readings.length + 1) * READING_MS - performance.now());
    await collectGarbage(inspector ?? 0);
    const read = await readMetrics(facet.url);
    readings.push({
      minute: round((performance.now() - startMs) / 60_000),
      residentMb: round(read("process_resident_memory_bytes") / MEGABYTE),
      heapMb: round(read("nodejs_heap_size_used_bytes") / MEGABYTE),
    });
    const { minute, residentMb, heapMb } = readings.at(-1)!;
    console.log(`  ${minute} min: resident ${residentMb} MB, heap ${heapMb} MB`);
  }
  const { perSecond, p50, p99, failed } = await loading;
  printTable(`${MINUTES} minutes of mixed reads, ${Math.round(perSecond)} a second`, [
    ["p50 ms", "p99 ms", "failed"],
    [p50, p99, failed],
  ]);
  const isFlat = [
    grownBy("heap", readings, ({ heapMb }) => heapMb, FLAT.heap),
    grownBy("resident memory", readings, ({ residentMb }) => residentMb, FLAT.resident),
  ].every(Boolean);
  if (!isFlat || failed > 0) process.exitCode = 1;
}

/** The first quarter warms up: the second is compared with the last. */
function grownBy(
  name: string,
  readings: readonly Reading[],
  of: (reading: Reading) => number,
  allowed: number,
): boolean {
  const quarter = Math.floor(readings.length / 4);
  const middle = (part: readonly Reading[]) => percentile(part.map(of), 0.5);
  const before = middle(readings.slice(quarter, 2 * quarter));
  const after = middle(readings.slice(-quarter));
  const isFlat = after - before <= before * allowed;
  console.log(`  ${name}: ${before} MB, then ${after} MB: ${isFlat ? "flat" : "GROWING"}`);
  return isFlat;
}

/** Bodies of all kinds, evenly strewn. */
async function mixture(shop: Shop): Promise<string[]> {
  const { facet, products } = shop;
  const body = (query: string, variables: object = {}) =>
    JSON.stringify({ query, operationName: /query (\w+)/.exec(query)?.[1], variables });
  const list = (count: number, of: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => of(index));
  const measured = (name: string, count: number) => {
    const operation = OPERATIONS.find((known) => known.name === `${name} spread`)!;
    const bodies = bodiesOf(operation, facetOf(shop));
    return list(count, (index) => bodies[index % bodies.length]!);
  };
  const nodeIds = await idsOf(facet.url);
  const product = (index: number) => products[(index * 577) % products.length]!.id;
  const bodies = [
    ...(["A", "B", "C"] as const).flatMap((name) => measured(name, REQUESTS[name])),
    ...list(REQUESTS.SEARCH, (index) =>
      body(SEARCH, {
        text: `${WORDS[index % WORDS.length]} ${index % 7 === 0 ? "" : index}`.trim(),
      }),
    ),
    ...list(REQUESTS.TREE, () => body(TREE)),
    ...list(REQUESTS.WISHLIST, () => body(WISHLIST)),
    ...list(REQUESTS.NODE, (index) => body(NODE, { id: nodeIds[index % nodeIds.length] })),
    // Texts that never come again, as from clients that put values into them.
    ...list(REQUESTS.TEXT, (index) =>
      body(`query Text { product(id: "${product(index)}") { id field${index}: name } }`),
    ),
  ];
  return bodies.map((_, index) => bodies[(index * 397) % bodies.length]!);
}

async function idsOf(url: string): Promise<string[]> {
  const { products }: any = await ask(
    url,
    "query Ids { products(first: 20) { nodes { id categories { id } reviews(first: 3) { nodes { id } } } } }",
  );
  return products.nodes.flatMap(({ id, categories, reviews }: any) =>
    [id, categories[0]?.id, reviews.nodes[0]?.id].filter((known) => known !== undefined),
  );
}
