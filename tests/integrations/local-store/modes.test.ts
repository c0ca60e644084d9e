import { expect, test } from "@jest/globals";
import { bundledPlans, planDocumentSchema } from "../../../src/domains/billing/index.ts";
import { goodsOf, localStoreUrl, openLocalStore } from "../../../src/main/local-store.ts";
import { InvalidConfig, loadConfig } from "../../../src/platform/config/env.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { dodo, revenueCat, stripe } from "./store-bed.ts";

const MODES = ["STRIPE_MODE", "DODO_MODE", "REVENUECAT_MODE"] as const;
const PRODUCTION = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://db.facet.example/facet",
  MONGODB_URL: "mongodb://db.facet.example/facet",
  REDIS_URL: "redis://db.facet.example",
  PUBLIC_URL: "https://facet.example",
  SECRET_KEY: "a secret key that only this test knows",
  MAIL_MODE: "smtp",
  SMTP_URL: "smtp://mail.facet.example",
};
const all = (mode: string) => Object.fromEntries(MODES.map((name) => [name, mode]));
const open = (env: Record<string, string>) => {
  const config = loadConfig(env);
  const store = openLocalStore(config, createLogger("silent"), [stripe, dodo, revenueCat]);
  return { store, url: localStoreUrl(config) };
};

test("development plays the stores that are not real ones", () => {
  const { store, url } = open({});
  expect([store?.subscriptionStore, store?.creditStore, store?.appStore]).not.toContain(null);
  expect(url).toBe("http://localhost:4000/local-store");
  const credits = open({ ...all("off"), DODO_MODE: "local" }).store;
  expect([credits?.subscriptionStore, credits?.appStore]).toEqual([null, null]);
  expect(credits?.creditStore).not.toBeNull();
  expect(open(all("off"))).toEqual({ store: null, url: null });
});

test("production plays none, and refuses to be told to", () => {
  expect(open(PRODUCTION)).toEqual({ store: null, url: null });
  for (const name of MODES) {
    const start = () => loadConfig({ ...PRODUCTION, [name]: "local" });
    expect(start).toThrow(InvalidConfig);
    expect(start).toThrow(name);
  }
});

test("all that the plan document sells has a title, a price and a term", () => {
  const plans = planDocumentSchema({ skinAnalysesPerMonth: undefined }).parse(bundledPlans);
  const goods = goodsOf(plans);
  const named = (productId: string) => goods.find((each) => each.productId === productId);
  expect(goods.filter(({ title, price }) => title === "" || price < 1)).toEqual([]);
  expect(named("pdt_credits_20")).toMatchObject({ title: "20 credits", price: 1_499 });
  expect(named("price_pro_yearly")).toMatchObject({ title: "Pro, yearly", lasts: "YEAR" });
  expect(named("vip_lifetime")).toMatchObject({ title: "VIP, for ever", lasts: "FOREVER" });
  expect(named("points_500")).toMatchObject({ lasts: null, currency: "USD" });
  const [first, ...others] = plans.creditPackages;
  if (!first) throw new Error("No credits are sold.");
  const yen = { ...first, price: { amount: "500.00", currency: "JPY" } };
  const inYen = goodsOf({ ...plans, creditPackages: [yen, ...others] });
  expect(inYen.find(({ store }) => store === "dodo")).toMatchObject({ price: 500 });
});
