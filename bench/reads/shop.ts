import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  freePort,
  openStage,
  type Form,
  type ServerProcess,
  type Stage,
} from "../support/stage.ts";

/** How much there is to read; `seed --scale` derives the other numbers from that of the products. */
const PRODUCTS = 5_000;
const EXPECTED = { products: PRODUCTS, categories: 200, reviews: 100_000, users: 1_000 };

/** Signs the tokens of all processes of the benchmark. */
export const SECRET_KEY = "only-for-benchmarks-0123456789abcdef";

/** As in production; limits that tell users apart are raised, because the load comes from one place. */
const ENVIRONMENT = {
  NODE_ENV: "production",
  SECRET_KEY,
  MAIL_MODE: "smtp",
  SMTP_URL: "smtp://127.0.0.1:1",
  SMS_MODE: "off",
  LOGIN_ATTEMPTS_PER_MINUTE: "100000",
  REGISTRATIONS_PER_HOUR: "1000000",
  COST_BUDGET_PER_MINUTE: "100000000",
  ACCESS_TOKEN_SECONDS: "86400",
};

/** facet itself, migrated, filled and started. */
export interface Shop {
  readonly stage: Stage;
  readonly facet: ServerProcess;
  /** Port of facet's inspector; null unless asked for. */
  readonly inspector: number | null;
  /** All products, newest first. */
  readonly products: readonly ListedProduct[];
  close(): Promise<void>;
}

/** A product where a page may begin behind. */
export interface ListedProduct {
  readonly id: string;
  readonly publishedAt: string;
  /** facet's cursor of it. */
  readonly cursor: string;
}

/** Opens stores of their own, lets facet fill them and starts it. */
export async function openShop(options: { inspector: boolean; form: Form }): Promise<Shop> {
  const stage = await openStage(options.form);
  try {
    await fill(stage);
    const inspector = options.inspector ? await freePort() : null;
    const facet = await stage.startProcess("api", {
      ...ENVIRONMENT,
      ...(inspector !== null && { NODE_OPTIONS: `--inspect=127.0.0.1:${inspector}` }),
    });
    const products = await listProducts(facet.url);
    return { stage, facet, inspector, products, close: () => stage.close() };
  } catch (error) {
    await stage.close();
    throw error;
  }
}

/** The shop that `npm run cli -- seed --scale 5000` makes up; drafts and reviews that wait are shown, too. */
async function fill({ dataDir, urls, pool }: Stage): Promise<void> {
  const cli = fileURLToPath(new URL("../../src/main/cli.ts", import.meta.url));
  const args = ["--import", "tsx", cli, "seed", "--scale", String(PRODUCTS)];
  await promisify(execFile)(process.execPath, args, {
    env: {
      ...process.env,
      NODE_ENV: "test",
      DATA_DIR: dataDir,
      DATABASE_URL: urls.postgresUrl,
      MONGODB_URL: urls.mongoUrl,
      REDIS_URL: urls.redisUrl,
    },
  });
  await pool.query("update products set status = 'active' where status <> 'active'");
  await pool.query("update reviews set status = 'APPROVED' where status <> 'APPROVED'");
  await pool.query("vacuum (analyze)");
  for (const [table, expected] of Object.entries(EXPECTED)) {
    const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from ${table}`);
    if (rows[0]?.n !== expected) throw new Error(`${table}: ${rows[0]?.n} rows, not ${expected}.`);
  }
}

const LIST = `query Walk($after: String) {
  products(first: 100, sort: NEWEST, after: $after) {
    edges { cursor node { id publishedAt } }
    pageInfo { hasNextPage endCursor }
  }
}`;

async function listProducts(url: string): Promise<ListedProduct[]> {
  const found: ListedProduct[] = [];
  let after: string | null = null;
  do {
    const { products }: any = await ask(url, LIST, { after });
    for (const { cursor, node } of products.edges) found.push({ cursor, ...node });
    after = products.pageInfo.hasNextPage ? (products.pageInfo.endCursor as string) : null;
  } while (after !== null);
  return found;
}

/** Sends one operation and resolves to its data. @throws Error with the answer's errors */
export async function ask(url: string, query: string, variables: object = {}): Promise<any> {
  const operationName = /query (\w+)/.exec(query)?.[1];
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, operationName, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
