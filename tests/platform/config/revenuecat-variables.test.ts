import { describe, expect, test } from "@jest/globals";
import { localAppStoreAuthorization, openAppStore } from "../../../src/main/app-store.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import {
  revenueCatMode,
  revenueCatProblems,
} from "../../../src/platform/config/revenuecat-variables.ts";
import { createProviderGuard } from "../../../src/platform/resilience/guard.ts";

const guardOf = (provider: string, timeoutMs: number, concurrency: number) =>
  createProviderGuard({
    provider,
    timeoutMs,
    concurrency,
    maxQueue: 1,
    breaker: { failures: 1, halfOpenAfterMs: 1_000 },
    retries: 0,
  });
const stores = (env: Record<string, string>) =>
  openAppStore(loadConfig({ NODE_ENV: "test", ...env }), guardOf);
const from = (env: Record<string, unknown>) => ({
  NODE_ENV: "development",
  REVENUECAT_WEBHOOK_SECRETS: [] as string[],
  ...env,
});

describe("the mode", () => {
  test.each([
    [{}, "local"],
    [{ NODE_ENV: "production" }, "off"],
    [{ REVENUECAT_API_KEY: "sk" }, "live"],
    [{ NODE_ENV: "production", REVENUECAT_WEBHOOK_SECRETS: ["s"] }, "live"],
    [{ NODE_ENV: "production", REVENUECAT_WEBHOOK_AUTHORIZATION: "a" }, "live"],
    [{ REVENUECAT_API_KEY: "sk", REVENUECAT_MODE: "off" as const }, "off"],
  ])("of %j is %s", (env, mode) => {
    expect(revenueCatMode(from(env))).toBe(mode);
  });

  test("cannot be local in production, nor live without a proof of deliveries", () => {
    const local = { NODE_ENV: "production", REVENUECAT_MODE: "local" as const };
    expect(revenueCatProblems(from(local))[0]).toContain("REVENUECAT_MODE");
    expect(() => loadConfig({ REVENUECAT_API_KEY: "sk" })).toThrow(
      "REVENUECAT_WEBHOOK_AUTHORIZATION",
    );
  });
});

test("off sells nothing, local takes deliveries with the header of this installation, live asks with a key", () => {
  expect(stores({ REVENUECAT_MODE: "off" })).toEqual({ appStore: null, storeWebhooks: [] });
  const { appStore, storeWebhooks } = stores({});
  const authorization = localAppStoreAuthorization(loadConfig({ NODE_ENV: "test" }));
  const verdicts = [authorization, `${authorization}x`].map(
    (header) =>
      storeWebhooks[0]?.verify(Buffer.from("{}"), { authorization: header }, new Date()).ok,
  );
  expect([appStore, verdicts]).toEqual([null, [true, false]]);
  const live = { REVENUECAT_WEBHOOK_SECRETS: "one, two" };
  expect(stores(live).appStore).toBeNull();
  expect(stores({ ...live, REVENUECAT_API_KEY: "sk" }).appStore).not.toBeNull();
});
