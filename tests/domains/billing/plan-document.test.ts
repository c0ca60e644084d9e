import { describe, expect, test } from "@jest/globals";
import { bundledPlans, planDocumentSchema } from "../../../src/domains/billing/index.ts";

const schema = planDocumentSchema({ skinAnalysesPerMonth: undefined });

/** The bundled document with one thing changed. */
function changed(change: (document: any) => void): unknown {
  const document = structuredClone(bundledPlans);
  change(document);
  return document;
}

test("the bundled document is good", () => {
  expect(schema.parse(bundledPlans)).toEqual(bundledPlans);
});

test("an installation's own limit goes above the document", () => {
  const own = planDocumentSchema({ skinAnalysesPerMonth: 0 }).parse(bundledPlans);
  expect(own.plans.FREE.limits.skinAnalysesPerMonth).toBe(0);
  expect(own.plans.PREMIUM.limits.skinAnalysesPerMonth).toBe(100);
});

describe("refused as a whole", () => {
  test.each<[string, (document: any) => void]>([
    ["a plan is missing", ({ plans }) => delete plans.VIP],
    ["a plan that nobody knows", ({ plans }) => (plans.GOLD = plans.VIP)],
    ["a limit below zero", ({ plans }) => (plans.FREE.limits.skinAnalysesPerMonth = -1)],
    ["a limit in parts", ({ plans }) => (plans.FREE.limits.skinAnalysesPerMonth = 1.5)],
    ["a limit as text", ({ plans }) => (plans.FREE.limits.skinAnalysesPerMonth = "10")],
    ["a misspelt limit", ({ plans }) => (plans.FREE.limits.skinAnalysisPerMonth = 10)],
    ["an unknown entitlement", ({ plans }) => plans.PRO.entitlements.push("EVERYTHING")],
    ["a price below zero", ({ emoji }) => (emoji.pricePoints = -10)],
    ["a price in numbers", ({ creditPackages }) => (creditPackages[0].price.amount = 4.99)],
    ["an empty package", ({ pointPackages }) => (pointPackages[0].points = 0)],
    ["two packages of a name", ({ pointPackages }) => pointPackages.push(pointPackages[0])],
    [
      "a product of two plans",
      ({ plans }) => plans.PRO.products.stripe.push("price_premium_monthly"),
    ],
    ["a version in words", (document) => (document.minimumAppVersion = "latest")],
  ])("%s", (_what, change) => {
    expect(schema.safeParse(changed(change)).success).toBe(false);
  });
});
