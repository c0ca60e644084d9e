export { createBillingModule } from "./billing.module.ts";
export type { QuotaService, QuotaUse } from "./quota.service.ts";
