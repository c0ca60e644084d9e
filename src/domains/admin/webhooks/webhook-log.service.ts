import type { Clock } from "../../../platform/clock/clock.ts";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import type { WebhookInbox } from "../../../platform/webhooks/webhook-inbox.ts";
import type {
  LoggedWebhook,
  WebhookLogRepository,
  WebhookStatus,
} from "../../../platform/webhooks/webhook-log.repository.ts";
import type { Actor, AuditLog } from "../audit/audit-log.service.ts";

const DAY_MS = 86_400_000;

/** Lets the staff see what other systems sent, and have it applied again. */
export class WebhookLogService {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly log: WebhookLogRepository;
      readonly inbox: Pick<WebhookInbox, "replay">;
      readonly audit: AuditLog;
      readonly clock: Clock;
      /** How long events are kept that are done with. */
      readonly keepDays: number;
    },
  ) {}

  /** A page of events, newest first. */
  pageOf(
    filter: { provider: string | null; status: WebhookStatus | null },
    page: PageRequest,
  ): Promise<LoggedWebhook[]> {
    return this.dependencies.log.pageOf(filter, page);
  }

  /** Has an event applied again. Refuses with WEBHOOK_NOT_PARKED. @throws NOT_FOUND */
  replay(actor: Actor, id: string): Promise<LoggedWebhook> {
    const { uow, log, inbox, audit } = this.dependencies;
    return uow.run(async (tx) => {
      const before = await log.find(tx, id);
      if (!before) throw notFound("The event");
      if (!(await inbox.replay(tx, id))) {
        refuse(problem("WEBHOOK_NOT_PARKED", "This event waits for nobody.", ["input", "id"]));
      }
      const after = await log.find(tx, id);
      if (!after) throw new Error(`The event ${id} is locked and gone.`);
      await audit.record(tx, actor, {
        action: "adminReplayWebhook",
        subject: id,
        before: stateOf(before),
        after: stateOf(after),
      });
      return after;
    });
  }

  /** Deletes events that were done with long ago; returns how many. */
  prune(): Promise<number> {
    const { log, clock, keepDays } = this.dependencies;
    return log.prune(new Date(clock.now().getTime() - keepDays * DAY_MS));
  }
}

const stateOf = ({ status, attempts, lastError }: LoggedWebhook): object => ({
  status,
  attempts,
  lastError,
});
