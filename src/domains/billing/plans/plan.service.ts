import type { DynamicConfig } from "../../../platform/config/dynamic/dynamic-config.ts";
import type { AppConfig } from "./app-config.types.ts";
import type { PlanDocument } from "./plan-document.ts";
import { PlanNames, type Entitlement, type PlanName } from "./plan.vocabulary.ts";

/** What a package of points or credits gives. */
export interface PackageContent {
  readonly name: string;
  readonly currency: "POINTS" | "CREDITS";
  readonly amount: number;
}

/** What is sold at this moment. Every answer is read anew, so that a change counts from the next request on. */
export class PlanService {
  constructor(private readonly document: Pick<DynamicConfig<PlanDocument>, "current">) {}

  /** How much a plan allows. */
  limitsOf(name: keyof PlanDocument["plans"]): PlanDocument["plans"]["FREE"]["limits"] {
    return this.document.current().plans[name].limits;
  }

  /** What a plan gives besides its limits. */
  entitlementsOf(name: PlanName): readonly Entitlement[] {
    return this.document.current().plans[name].entitlements;
  }

  /** The plan that a store sells under a product id; null when it is none. */
  planOf(store: "STRIPE" | "DODO" | "REVENUECAT", productId: string): PlanName | null {
    const { plans } = this.document.current();
    const isIt = (name: PlanName): boolean => {
      const { stripe, revenueCat } = plans[name].products;
      if (store === "STRIPE") return stripe.includes(productId);
      return store === "REVENUECAT" && revenueCat.includes(productId);
    };
    return Object.values(PlanNames).find(isIt) ?? null;
  }

  /** The product id under which a plan is sold on the web; null when it is not sold there. */
  webProductOf(name: PlanName): string | null {
    return this.document.current().plans[name].products.stripe[0] ?? null;
  }

  /** Whether any store sells a plan. */
  isSold(name: PlanName): boolean {
    const { stripe, revenueCat } = this.document.current().plans[name].products;
    return stripe.length + revenueCat.length > 0;
  }

  /** What a store sells under a product id as a package; null when that is none. */
  packageOf(store: "DODO" | "REVENUECAT", productId: string): PackageContent | null {
    const { pointPackages, creditPackages } = this.document.current();
    const sells = (ids: readonly string[]) => ids.includes(productId);
    if (store === "DODO") {
      const found = creditPackages.find(({ products }) => sells(products.dodo));
      return found ? { name: found.name, currency: "CREDITS", amount: found.credits } : null;
    }
    const found = pointPackages.find(({ products }) => sells(products.revenueCat));
    return found ? { name: found.name, currency: "POINTS", amount: found.points } : null;
  }

  /** The first product id of a package of credits; null when there is no such package, or no store sells it. */
  creditProductOf(packageName: string): string | null {
    const { creditPackages } = this.document.current();
    return creditPackages.find(({ name }) => name === packageName)?.products.dodo[0] ?? null;
  }

  /** Points that are given each week to whoever is entitled to them; 0 is none. */
  weeklyPoints(): number {
    return this.document.current().vip.weeklyPoints;
  }

  /** The part that everybody may see. */
  appConfig(): AppConfig {
    const { minimumAppVersion, plans, pointPackages, creditPackages, emoji, vip } =
      this.document.current();
    return {
      minimumAppVersion,
      plans: Object.values(PlanNames).map((name) => ({ name, ...plans[name] })),
      pointPackages,
      creditPackages,
      emojiPricePoints: emoji.pricePoints,
      vipWeeklyPoints: vip.weeklyPoints,
    };
  }
}
