import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { DodoWebhooks } from "../../../src/integrations/dodo/dodo-webhooks.ts";
import type { Goods } from "../../../src/integrations/local-store/goods.ts";
import { LocalStore } from "../../../src/integrations/local-store/local-store.ts";
import { RevenueCatWebhooks } from "../../../src/integrations/revenuecat/revenuecat-webhooks.ts";
import { StripeWebhooks } from "../../../src/integrations/stripe/stripe-webhooks.ts";
import { systemClock } from "../../../src/platform/clock/clock.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { until } from "../../support/until.ts";

const WHSEC = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const AUTHORIZATION = "Bearer of-the-phone-store";

export const stripe = new StripeWebhooks([WHSEC]);
export const dodo = new DodoWebhooks({ secrets: [WHSEC], sandbox: true });
export const revenueCat = new RevenueCatWebhooks({ authorization: AUTHORIZATION });
const PROVIDERS = { stripe, dodo, revenuecat: revenueCat };
type Report = ReturnType<(typeof PROVIDERS)[keyof typeof PROVIDERS]["read"]>[number];

export const GOODS: readonly Goods[] = [
  product("stripe", "price_pro_monthly", "Pro, monthly", 999, "MONTH"),
  product("dodo", "pdt_credits_5", "5 <b>credits</b>", 499, null),
  product("revenuecat", "vip_monthly", "VIP, monthly", 999, "MONTH"),
  product("revenuecat", "vip_lifetime", "VIP, for ever", 14_999, "FOREVER"),
  product("revenuecat", "points_100", "100 points", 99, null),
];

function product(
  store: Goods["store"],
  productId: string,
  title: string,
  price: number,
  lasts: Goods["lasts"],
): Goods {
  return { store, productId, title, price, currency: "USD", lasts };
}

/** A webhook as it came in. */
export interface Received {
  readonly provider: keyof typeof PROVIDERS;
  readonly type: string;
  readonly eventId: string;
  readonly payload: unknown;
  readonly reports: readonly Report[];
}

/** Local stores over one folder, and the server that takes their webhooks. */
export interface StoreBed {
  readonly dir: string;
  /** Genuine webhooks that were answered with 200, in the order in which they came. */
  readonly received: Received[];
  /** How many deliveries were answered with something else. */
  refused(): number;
  /** What the next deliveries are answered with. */
  answerWith(...statuses: number[]): void;
  /** Another process on the same folder. */
  open(options?: { readonly sends?: boolean }): Promise<OpenStore>;
  /** Waits until a number of webhooks has come. */
  arrived(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

export interface OpenStore {
  readonly store: LocalStore<Report>;
  readonly app: FastifyInstance;
  /** Posts a form to a page. */
  post(path: string, fields?: Record<string, string>): Promise<{ status: number; to: string }>;
  get(path: string): Promise<{ status: number; html: string; policy: string }>;
}

export async function openStoreBed(): Promise<StoreBed> {
  const dir = join(mkdtempSync(join(tmpdir(), "facet-store-")), "store");
  const received: Received[] = [];
  const answers: number[] = [];
  const opened: OpenStore[] = [];
  let refused = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = judged(request.url ?? "", Buffer.concat(chunks), request.headers);
      const status = one === null ? 401 : (answers.shift() ?? 200);
      if (status === 200 && one) received.push(one);
      else refused += 1;
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    dir,
    received,
    refused: () => refused,
    answerWith: (...statuses) => void answers.push(...statuses),
    open: async ({ sends = true } = {}) => {
      const one = await openStore(dir, publicUrl);
      opened.push(one);
      if (sends) await one.store.start();
      return one;
    },
    arrived: (count) =>
      until(
        () => received,
        (all) => all.length >= count,
        5_000,
      ),
    close: async () => {
      await Promise.all(opened.map(({ store }) => store.stop()));
      await Promise.all(opened.map(({ app }) => app.close()));
      await new Promise((resolve) => server.close(resolve));
      await rm(join(dir, ".."), { recursive: true, force: true });
    },
  };
}

async function openStore(dir: string, publicUrl: string): Promise<OpenStore> {
  const store = new LocalStore<Report>({
    dir,
    publicUrl,
    secretKey: "a secret key of the local store in tests",
    clock: systemClock,
    log: createLogger("silent"),
    stripe: { secret: WHSEC, reader: stripe },
    dodo: { secret: WHSEC, reader: dodo },
    revenueCat: { secret: AUTHORIZATION, reader: revenueCat },
  });
  store.offer(() => GOODS);
  const app = Fastify();
  await store.routes(app);
  return {
    store,
    app,
    post: async (path, fields = {}) => {
      const { statusCode, headers } = await app.inject({
        method: "POST",
        url: path,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        payload: new URLSearchParams(fields).toString(),
      });
      return { status: statusCode, to: String(headers.location ?? "") };
    },
    get: async (path) => {
      const { statusCode, headers, body } = await app.inject({ method: "GET", url: path });
      const policy = String(headers["content-security-policy"]);
      return { status: statusCode, html: body, policy };
    },
  };
}

function judged(url: string, body: Buffer, headers: IncomingHttpHeaders): Received | null {
  const provider = /^\/webhooks\/(stripe|dodo|revenuecat)$/.exec(url)?.[1] as Received["provider"];
  const source = PROVIDERS[provider];
  if (!source.verify(body, headers, new Date()).ok) return null;
  const payload = JSON.parse(body.toString()) as unknown;
  const { type, eventId } = source.describe(payload, headers);
  return { provider, type, eventId, payload, reports: source.read(payload) };
}

/** The address of a page without its server. */
export const pathOf = (url: string): string => new URL(url).pathname;

/** The token in the forms of a page. */
export const tokenIn = (html: string): string => /name="token" value="(\w+)"/.exec(html)?.[1] ?? "";
