export { createBillingModule } from "./billing.module.ts";
export type { AppStore, CreditStore, StoreWebhooks, SubscriptionStore } from "./billing.ports.ts";
export { bundledPlans, planDocumentSchema, type PlanDocument } from "./plans/plan-document.ts";
export { entitlementsChanged, paymentFailed } from "./billing.events.ts";
export type { QuotaService, QuotaUse } from "./quota.service.ts";
export type { UsageLimit } from "./quota.vocabulary.ts";
export type { EntitlementService, UserPlan } from "./subscriptions/entitlement.service.ts";
