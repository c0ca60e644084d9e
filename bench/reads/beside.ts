import { Caller } from "../support/caller.ts";
import { percentile, printTable, round } from "../support/figures.ts";
import { openCustomer } from "./customer.ts";
import { readMetrics } from "./metrics.ts";
import { PRODUCT_PAGE } from "./operations.ts";
import type { Shop } from "./shop.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 20);
const CALLS_EACH = 25;
const WARM_UP_CALLS = 200;
const PAGES = 240;
const CPU = "process_cpu_seconds_total";
const STATEMENTS = "facet_operation_statements_sum";

const VIEWER = "viewer { id firstName language isGuest }";
const WISHLIST = "viewer { id wishlist(first: 10) { nodes { addedAt product { id slug } } } }";
/** The result lies in MongoDB, the job in PostgreSQL. */
const ANALYSIS =
  "viewer { id skinAnalyses(first: 1) { nodes { id status result { analysisVersion concerns { concern } } } } }";

/** Fields of other kinds, beside operation A and alone. */
const OPERATIONS: Readonly<Record<string, string>> = {
  A: PRODUCT_PAGE,
  Viewer: VIEWER,
  "A + Viewer": `${PRODUCT_PAGE} ${VIEWER}`,
  Wishlist: WISHLIST,
  "A + Wishlist": `${PRODUCT_PAGE} ${WISHLIST}`,
  Analysis: ANALYSIS,
  "A + Analysis": `${PRODUCT_PAGE} ${ANALYSIS}`,
};

interface Measured {
  readonly latenciesMs: number[];
  cpuSeconds: number;
  statements: number;
}

/** What fields of a signed-in viewer cost beside the products of operation A: no more than alone. */
export async function beside(shop: Shop): Promise<void> {
  const { accessToken } = await openCustomer(shop);
  const caller = new Caller(shop.facet.url, accessToken);
  const measured = new Map<string, Measured>();
  for (const name of Object.keys(OPERATIONS)) {
    await calls(caller, name, shop, WARM_UP_CALLS);
    measured.set(name, { latenciesMs: [], cpuSeconds: 0, statements: 0 });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, sum] of measured) {
      const before = await readMetrics(shop.facet.url);
      sum.latenciesMs.push(...(await calls(caller, name, shop, CALLS_EACH)));
      const after = await readMetrics(shop.facet.url);
      sum.cpuSeconds += after(CPU) - before(CPU);
      sum.statements += after(STATEMENTS) - before(STATEMENTS);
    }
  }
  caller.close();
  printTable(`one call at a time, ${ROUNDS * CALLS_EACH} each, in turn`, [
    ["operation", "p50 ms", "p99 ms", "CPU ms of facet", "SQL statements", "p50 less A and alone"],
    ...[...measured].map(([name, sum]) => [
      name,
      round(percentile(sum.latenciesMs, 0.5), 2),
      round(percentile(sum.latenciesMs, 0.99), 2),
      round((sum.cpuSeconds * 1_000) / sum.latenciesMs.length, 2),
      round(sum.statements / sum.latenciesMs.length, 2),
      overCost(name, measured),
    ]),
  ]);
}

/** What an operation of two parts takes beyond both parts alone, in milliseconds; negative when it is cheaper. */
function overCost(name: string, measured: ReadonlyMap<string, Measured>): number | string {
  const p50 = (part: string) => percentile(measured.get(part)?.latenciesMs ?? [], 0.5);
  const [first, second] = name.split(" + ");
  return first === undefined || second === undefined
    ? ""
    : round(p50(name) - p50(first) - p50(second), 2);
}

async function calls(
  caller: Caller,
  name: string,
  { products }: Shop,
  count: number,
): Promise<number[]> {
  const fields = OPERATIONS[name]!;
  const variables = fields.includes("$after") ? "($after: String)" : "";
  const text = `query ${name.replaceAll(/\W/g, "")}${variables} { ${fields} }`;
  const latenciesMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const after = products[(((index * 7) % PAGES) + 1) * 20 - 1]?.cursor;
    const answer = await caller.call(text, variables ? { after } : {});
    if (answer.errors.length > 0) throw new Error(JSON.stringify(answer.errors));
    latenciesMs.push(answer.ms);
  }
  return latenciesMs;
}
