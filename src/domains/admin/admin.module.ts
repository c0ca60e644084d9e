import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { WebhookInbox } from "../../platform/webhooks/webhook-inbox.ts";
import { WebhookLogRepository } from "../../platform/webhooks/webhook-log.repository.ts";
import type { PaymentService } from "../billing/index.ts";
import type { ReviewModeration } from "../catalog/index.ts";
import type { HairstyleService } from "../tryon/index.ts";
import { AuditLog } from "./audit/audit-log.service.ts";
import { AuditRepository } from "./audit/audit.repository.ts";
import { AdminDebtResolver } from "./debts/debt.resolver.ts";
import { HairstyleEditing } from "./hairstyles/hairstyle-editing.service.ts";
import { AdminHairstyleResolver } from "./hairstyles/hairstyle.resolver.ts";
import { AdminReviewResolver } from "./reviews/review.resolver.ts";
import { ReviewDeciding } from "./reviews/review-deciding.service.ts";
import { WebhookLogService } from "./webhooks/webhook-log.service.ts";
import { AdminWebhookResolver } from "./webhooks/webhook.resolver.ts";

export interface AdminModuleDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly database: Database;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly inbox: Pick<WebhookInbox, "replay">;
  readonly payments: Pick<PaymentService, "debts">;
  readonly hairstyles: HairstyleService;
  readonly reviews: ReviewModeration;
  /** How long webhook events are kept that are done with. */
  readonly webhookEventDays: number;
}

/** What the staff sees and changes. */
export function createAdminModule(dependencies: AdminModuleDependencies): DomainModule {
  const { unitOfWork: uow, database, webhookEventDays: keepDays } = dependencies;
  const audit = new AuditLog({ ...dependencies, repository: new AuditRepository() });
  const log = new WebhookLogRepository(database);
  const webhooks = new WebhookLogService({ ...dependencies, uow, log, audit, keepDays });
  const editing = new HairstyleEditing({ ...dependencies, uow, audit });
  const deciding = new ReviewDeciding({ ...dependencies, uow, audit });
  return {
    resolvers: [
      new AdminWebhookResolver(webhooks),
      new AdminDebtResolver(dependencies.payments),
      new AdminHairstyleResolver(editing),
      new AdminReviewResolver(deciding),
    ],
    crons: [
      {
        name: "prune_webhook_events",
        pattern: "37 3 * * *",
        run: async () => void (await webhooks.prune()),
      },
    ],
  };
}
