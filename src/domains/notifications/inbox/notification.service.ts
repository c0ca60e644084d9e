import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { badUserInput, notFound } from "../../../platform/graphql/errors.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Nudges } from "../../../platform/realtime/nudges.ts";
import { followLog } from "../../../platform/realtime/follow-log.ts";
import type { Sweep } from "../../../platform/realtime/sweep.ts";
import type { News, NotificationKind } from "../kinds/notification-kind.ts";
import type {
  LateNews,
  NotificationRepository,
  NotificationRow,
  NumberedNotification,
} from "./notification.repository.ts";

/** Topic of the feed for notifications. */
export const NOTIFICATION_TOPIC = "NOTIFICATION";

/** Prefix of the ids of notifications. */
export const NOTIFICATION_PREFIX = "ntf";

/** The queue's task that tells what was put off. */
export const TELL_UNLESS_WATCHED = "tell_unless_watched";

/** A screen that lost its connection just before the end has come back by then. */
const PUT_OFF_MS = 3_000;
const UNREAD = 1;
const READ = 2;
const DAY_MS = 86_400_000;
const KEEP_READ_DAYS = 90;
const KEEP_DAYS = 365;

const topicOf = (userId: string): string => `notifications:${userId}`;

export interface NotificationServiceDeps {
  readonly uow: UnitOfWork;
  readonly notifications: NotificationRepository;
  /** Decides which devices are told as well. */
  readonly pushes: {
    decide(tx: Tx, notification: { id: string; userId: string; kind: string }): Promise<void>;
  };
  /** Which jobs are looked at live. */
  readonly watchers: { isWatched(jobId: string): Promise<boolean> };
  readonly feed: Feed;
  readonly nudges: Nudges;
  /** Sweeps over the users whose notifications are followed in this process. */
  readonly sweep: Sweep;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** Tells users, and keeps what they were told. */
export class NotificationService {
  constructor(private readonly deps: NotificationServiceDeps) {}

  /** Tells a user in the transaction of what happened; news of a known key is dropped. */
  async tell(tx: Tx, { kind }: NotificationKind, news: News): Promise<void> {
    const { key, refId, facts, unlessWatched } = news;
    if (unlessWatched !== true || refId === null) return this.add(tx, kind, news);
    const { notifications, clock } = this.deps;
    const at = new Date(clock.now().getTime() + PUT_OFF_MS);
    await notifications.tellLater(tx, TELL_UNLESS_WATCHED, { kind, key, refId, facts }, at);
  }

  /** Tells what was put off, unless somebody watched the job to its end. May be called again. */
  async tellUnlessWatched({ kind, ...news }: LateNews): Promise<void> {
    const { uow, notifications, watchers } = this.deps;
    if (await watchers.isWatched(news.refId)) return;
    await uow.run(async (tx) => {
      const userId = await notifications.ownerOfJob(tx, news.refId);
      if (userId !== null) await this.add(tx, kind, { ...news, userId });
    });
  }

  private async add(tx: Tx, kind: string, news: News): Promise<void> {
    const { notifications, pushes, feed, nudges, ids, clock } = this.deps;
    const { userId } = news;
    const id = ids.next(NOTIFICATION_PREFIX);
    if (!(await notifications.add(tx, { ...news, id, kind, at: clock.now() }))) return;
    // The feed's lock makes later numbers visible later: whoever follows them misses none.
    const seq = await feed.append(tx, userId, this.entry(id, UNREAD));
    await notifications.setSeq(tx, id, seq);
    await pushes.decide(tx, { id, userId, kind });
    tx.afterCommit(() => {
      nudges.send(topicOf(userId));
    });
  }

  /** A page of what a user was told, newest first. @throws BAD_USER_INPUT for a cursor that was never given out. */
  pageOf(userId: string, unreadOnly: boolean, page: PageRequest): Promise<NotificationRow[]> {
    const beyond = page.beyond?.[0] ?? null;
    if (beyond !== null && typeof beyond !== "string") {
      throw badUserInput("This cursor does not belong to this list.", ["after"]);
    }
    return this.deps.notifications.pageOf(userId, unreadOnly, page);
  }

  /** Follows what a user is told. @param after Number of the last event that the client has; null starts now. */
  async follow(
    userId: string,
    after: number | null,
  ): Promise<AsyncIterableIterator<NumberedNotification>> {
    if (after !== null && after < 0) throw badUserInput("after must not be negative.", ["after"]);
    const { notifications, feed, sweep } = this.deps;
    return followLog<NumberedNotification>({
      after: after ?? (await feed.lastSeq(userId)),
      positionOf: (notification) => notification.seq,
      readAfter: (seq) => notifications.after(userId, seq),
      listen: (onNudge) => sweep.listen(userId, topicOf(userId), onNudge),
    });
  }

  /** Marks one of the user's notifications as read. @throws NOT_FOUND, also for somebody else's. */
  markRead(userId: string, id: string): Promise<NotificationRow> {
    const { uow, notifications, feed, clock } = this.deps;
    return uow.run(async (tx) => {
      const marked = await notifications.markRead(tx, userId, id, clock.now());
      if (!marked) return this.own(userId, id);
      await feed.append(tx, userId, this.entry(id, READ));
      return marked;
    });
  }

  /** Marks one of the user's notifications and all older ones as read; returns how many were unread. @throws NOT_FOUND */
  async markReadUpTo(userId: string, id: string): Promise<number> {
    const { uow, notifications, feed, clock } = this.deps;
    const upTo = await this.own(userId, id);
    return uow.run(async (tx) => {
      const count = await notifications.markReadUpTo(tx, upTo, clock.now());
      if (count > 0) await feed.append(tx, userId, this.entry(id, READ));
      return count;
    });
  }

  /** Deletes what is older than a year, or read and older than 90 days. */
  async prune(): Promise<void> {
    const now = this.deps.clock.now().getTime();
    const all = new Date(now - KEEP_DAYS * DAY_MS);
    const read = new Date(now - KEEP_READ_DAYS * DAY_MS);
    while ((await this.deps.notifications.prune({ all, read })).more);
  }

  private async own(userId: string, id: string): Promise<NotificationRow> {
    const [row] = await this.deps.notifications.byIds([id]);
    if (row?.userId !== userId) throw notFound("The notification");
    return row;
  }

  private entry(refId: string, version: number) {
    return { topic: NOTIFICATION_TOPIC, refId, version };
  }
}
