import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import { PROVIDER_CODES, ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { NotificationRepository, NotificationRow } from "../inbox/notification.repository.ts";
import { kindOf } from "../kinds/notification-kinds.ts";
import type { PushSender } from "../notifications.ports.ts";
import type { ClaimedPush, PushOutboxRepository, PushResult } from "./push-outbox.repository.ts";
import type { PushTokenRepository } from "./push-token.repository.ts";

/** The queue's task that sends pushes. */
export const SEND_PUSHES = "send_pushes";

const MAX_ATTEMPTS = 5;
const BACKOFF_BASE_MS = 10_000;
const RATE_LIMITED_MS = 60_000;

export interface PushServiceDeps {
  readonly uow: UnitOfWork;
  readonly outbox: PushOutboxRepository;
  readonly tokens: PushTokenRepository;
  readonly notifications: NotificationRepository;
  /** Null when nothing is pushed. */
  readonly sender: PushSender | null;
  /** Who reads the pushes. */
  readonly users: {
    find(id: string): Promise<{ readonly language: Language; readonly isActive: boolean } | null>;
  };
  /** Which jobs are looked at live. */
  readonly watchers: { isWatched(jobId: string): Promise<boolean> };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Sends pushes that were decided in a transaction: after its commit, and again until they are out. */
export class PushService {
  constructor(private readonly deps: PushServiceDeps) {}

  /** Queues the pushes of a notification in the transaction that stores it. */
  async decide(tx: Tx, notification: { id: string; userId: string; kind: string }): Promise<void> {
    const { outbox, sender, clock } = this.deps;
    if (!sender) return;
    const at = clock.now();
    if ((await outbox.fill(tx, notification, at)) === 0) return;
    await outbox.schedule(tx, SEND_PUSHES, notification.id, at);
  }

  /** Sends what is due of a notification to each device, and comes back for the rest. May be called again. */
  async send(notificationId: string): Promise<void> {
    const { outbox, notifications, sender, users, clock } = this.deps;
    const [notification] = await notifications.byIds([notificationId]);
    if (!sender || !notification) return;
    const reader = await users.find(notification.userId);
    const needless = reader?.isActive ? await this.needless(notification) : "NO_READER";
    if (!reader || needless !== null) {
      await outbox.skip(notificationId, needless ?? "NO_READER");
      return;
    }
    for (;;) {
      const push = await outbox.claim(notificationId, clock.now());
      if (!push) break;
      await this.sendOne(sender, notification, push, reader.language);
    }
    const next = await outbox.nextAttemptAt(notificationId);
    if (!next) return;
    await this.deps.uow.run((tx) => outbox.schedule(tx, SEND_PUSHES, notificationId, next));
  }

  /** Why nobody needs a push any more; null when somebody does. */
  private async needless({ kind, refId, readAt }: NotificationRow): Promise<string | null> {
    if (readAt) return "READ";
    if (!kindOf(kind).aboutJob || refId === null) return null;
    return (await this.deps.watchers.isWatched(refId)) ? "WATCHED" : null;
  }

  private async sendOne(
    sender: PushSender,
    { id, kind, facts, refId }: NotificationRow,
    { tokenId, token, platform, attempts }: ClaimedPush,
    language: Language,
  ): Promise<void> {
    const { outbox, tokens } = this.deps;
    let result: PushResult = { state: "SENT" };
    try {
      const text = kindOf(kind).textOf(facts, language);
      const data = { kind, notificationId: id, ...(refId === null ? {} : { aboutId: refId }) };
      const outcome = await sender.send({ id, token, platform, ...text, data });
      if (outcome === "TOKEN_GONE") return await tokens.removeDead(tokenId);
    } catch (error) {
      result = this.resultOf(error, attempts);
      this.deps.log.warn({ err: error, notificationId: id, tokenId, ...result }, "a push failed");
    }
    await outbox.settle(id, tokenId, result);
  }

  /** Only what certainly did not arrive is tried again. */
  private resultOf(error: unknown, attempts: number): PushResult {
    if (!(error instanceof ProviderError)) return { state: "FAILED", error: "FAILED" };
    if (error.outcome !== "retryable" || attempts >= MAX_ATTEMPTS) {
      return { state: "FAILED", error: error.code };
    }
    const nextAttemptAt = new Date(this.deps.clock.now().getTime() + waitMs(error, attempts));
    return { state: "WAITING", error: error.code, nextAttemptAt };
  }
}

/** As long as the service asks for; else ever longer, and at least a minute after it said that there is too much. */
function waitMs({ status, code, retryAfterMs }: ProviderError, attempts: number): number {
  if (status !== undefined && retryAfterMs !== undefined) return retryAfterMs;
  const backoff = BACKOFF_BASE_MS * 2 ** attempts * (0.5 + 0.5 * Math.random());
  return Math.max(backoff, code === PROVIDER_CODES.rateLimited ? RATE_LIMITED_MS : 0);
}
