import { percentile, printTable, round } from "../support/figures.ts";
import { bodiesOf, bodyOf, startContenders, type Contender, type Name } from "./contenders.ts";
import { loadWithCpu, type Loaded } from "./load.ts";
import { OPERATIONS, type Operation } from "./operations.ts";
import type { Shop } from "./shop.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const SECONDS = Number(process.env["SECONDS"] ?? 3);
const CONNECTIONS = 64;
/** In the first round, which does not count, beside SECONDS. */
const WARM_UP_SECONDS = 3;

type Measured = Loaded & { readonly serverMs: number; readonly postgresMs: number };

/** Sets facet beside what a team would use instead: the same answers, then the same load, round by round. */
export async function compare(shop: Shop): Promise<void> {
  const contenders = await startContenders(shop);
  try {
    await compareAnswers(contenders);
    console.log(`${contenders.length} contenders answer alike`);
    const operations = OPERATIONS.filter(({ name }) => name.includes(process.env["ONLY"] ?? ""));
    const rows = await measure(shop, contenders, operations);
    for (const operation of operations) report(operation, contenders, rows);
  } finally {
    for (const { child } of contenders) child.kill("SIGKILL");
  }
}

async function compareAnswers(contenders: readonly Contender[]): Promise<void> {
  for (const operation of OPERATIONS) {
    for (const index of [0, 1, 2]) {
      const answers = await Promise.all(
        contenders.map((contender) => answerOf(contender, bodyOf(operation, contender, index))),
      );
      answers.forEach((answer, place) => {
        if (answer === answers[0]) return;
        const names = `${contenders[0]?.name} and ${contenders[place]?.name}`;
        const parts = [answers[0], answer].map((part) => part?.slice(0, 600)).join("\n");
        throw new Error(`${names} disagree on ${operation.name}:\n${parts}`);
      });
    }
  }
}

async function answerOf({ name, url }: Contender, body: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (name === "facet" && response.headers.has("etag")) throw new Error("facet keeps answers.");
  if (errors) throw new Error(`${name} refused ${body}: ${JSON.stringify(errors)}`);
  return JSON.stringify(name === "postgraphile" ? inFacetsNames(data) : data);
}

/** An answer of PostGraphile, whose schema is its own: lists without pages, plain prices, times with microseconds. */
function inFacetsNames(value: unknown, key = ""): unknown {
  if (key === "publishedAt" || key === "createdAt") return new Date(String(value)).toISOString();
  if (key === "price") return { amount: value, currency: "USD" };
  if (Array.isArray(value)) {
    const items = value.map((item) => inFacetsNames(item));
    return key === "reviews" ? { nodes: items } : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) =>
      name === "ratingAverage"
        ? ["ratingSummary", { average: part }]
        : [name, inFacetsNames(part, name)],
    ),
  );
}

async function measure(
  { stage }: Shop,
  contenders: readonly Contender[],
  operations: readonly Operation[],
): Promise<Map<string, Measured[]>> {
  const rows = new Map<string, Measured[]>();
  for (let index = 0; index <= ROUNDS; index += 1) {
    for (const operation of operations) {
      for (const contender of contenders) {
        // The first round warms up and looks at the answers.
        const isFirst = index === 0;
        const order = {
          url: contender.url,
          bodies: bodiesOf(operation, contender),
          seconds: isFirst ? SECONDS + WARM_UP_SECONDS : SECONDS,
          connections: CONNECTIONS,
          verify: isFirst,
        };
        const measured = await loadWithCpu(order, contender.child, stage.pool);
        if (measured.failed > 0) console.log(`${contender.name} failed ${measured.failed} times`);
        if (isFirst) continue;
        const key = `${operation.name} ${contender.name}`;
        rows.set(key, [...(rows.get(key) ?? []), measured]);
      }
    }
  }
  return rows;
}

function report(
  operation: Operation,
  contenders: readonly Contender[],
  rows: ReadonlyMap<string, readonly Measured[]>,
): void {
  const median = (name: Name, of: (row: Measured) => number) =>
    percentile((rows.get(`${operation.name} ${name}`) ?? []).map(of), 0.5);
  const rate = (name: Name) => median(name, (row) => row.perSecond);
  const cpu = (name: Name) => median(name, (row) => row.serverMs + row.postgresMs);
  printTable(`${operation.name}: medians of ${ROUNDS} rounds, ${CONNECTIONS} connections`, [
    [
      "contender",
      "requests/s",
      "× usual",
      "× floor",
      "facet is ×",
      "p99 ms",
      "CPU ms/request",
      "of PostgreSQL",
      "facet by CPU is ×",
    ],
    ...contenders.map(({ name }) => [
      name,
      Math.round(rate(name)),
      round(rate(name) / rate("usual"), 2),
      round(rate(name) / rate("floor"), 2),
      round(rate("facet") / rate(name), 2),
      round(median(name, (row) => row.p99)),
      round(cpu(name), 2),
      round(
        median(name, (row) => row.postgresMs),
        2,
      ),
      round(cpu(name) / cpu("facet"), 2),
    ]),
  ]);
}
