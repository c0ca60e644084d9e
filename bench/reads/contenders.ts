import { fork, type ChildProcess } from "node:child_process";
import { freePort } from "../support/stage.ts";
import { fileOf } from "./load.ts";
import type { Operation, Source } from "./operations.ts";
import { ask, type ListedProduct, type Shop } from "./shop.ts";

const FILES = {
  usual: "usual.js",
  "apollo tuned": "apollo-tuned.js",
  "mercurius-jit": "mercurius-jit.js",
  "yoga-jit": "yoga-jit.js",
  postgraphile: "postgraphile.js",
  floor: "floor.js",
  "floor pipelined": "floor.js",
} as const;
type Other = keyof typeof FILES;
export type Name = Other | "facet";
const NAMES = (process.env["CONTENDERS"]?.split(",") ?? [...Object.keys(FILES), "facet"]) as Name[];

/** A server that answers the operations. */
export interface Contender {
  readonly name: Name;
  readonly url: string;
  readonly child: ChildProcess;
  readonly source: Source;
}

/** Starts everybody whom CONTENDERS names on the tables of the shop. */
export async function startContenders(shop: Shop): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const name of NAMES) {
    contenders.push(name === "facet" ? facetOf(shop) : await startOther(name, shop));
  }
  return contenders;
}

/** facet as a contender. */
export const facetOf = ({ facet, products }: Shop): Contender => ({
  name: "facet",
  url: facet.url,
  child: facet.child,
  source: { products, cursorOf: (product) => product?.cursor ?? null },
});

async function startOther(name: Other, { stage, products }: Shop): Promise<Contender> {
  const port = await freePort();
  const child = fork(fileOf(`contenders/dist/${FILES[name]}`), [], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      DATABASE_URL: stage.urls.postgresUrl,
      PORT: String(port),
      PIPELINE: name === "floor pipelined" ? "1" : "0",
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}.`)));
  });
  const url = `http://127.0.0.1:${port}`;
  const cursorOf = name === "postgraphile" ? await postgraphileCursors(url) : keysetCursorOf;
  return { name, url, child, source: { products, cursorOf } };
}

/** The cursor of the contenders that page by hand. */
const keysetCursorOf = (product: ListedProduct | undefined): string | null =>
  product ? Buffer.from(`${product.publishedAt} ${product.id}`).toString("base64url") : null;

const WALK = `query Walk {
  allProducts(orderBy: [PUBLISHED_AT_DESC, ROW_ID_DESC]) { edges { cursor node { rowId } } }
}`;

async function postgraphileCursors(url: string): Promise<Source["cursorOf"]> {
  const { allProducts }: any = await ask(url, WALK);
  const cursors = new Map<string, string>(
    allProducts.edges.map(({ cursor, node }: any) => [node.rowId, cursor]),
  );
  return (product) => (product ? (cursors.get(product.id) ?? null) : null);
}

/** The body of one request. */
export function bodyOf(operation: Operation, { name, source }: Contender, index: number): string {
  const query = name === "postgraphile" ? operation.postgraphile : operation.text;
  const operationName = /query (\w+)/.exec(query)?.[1];
  const variables = operation.variables(index % operation.count, source);
  return JSON.stringify({ query, operationName, variables });
}

/** The bodies of all requests of an operation. */
export const bodiesOf = (operation: Operation, contender: Contender): string[] =>
  [...Array(operation.count).keys()].map((index) => bodyOf(operation, contender, index));
