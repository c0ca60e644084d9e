import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { Tx, UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import type { Feed } from "../../platform/events/feed.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { registerNodeSource } from "../../platform/graphql/node.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { Cron, DomainModule, PersonalData, QueueTask } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import { Sweep } from "../../platform/realtime/sweep.ts";
import { SESSIONS_ENDED } from "../identity/index.ts";
import { createNotificationLoaders } from "./inbox/notification.loaders.ts";
import {
  NotificationRepository,
  type LateNews,
  type NumberedNotification,
} from "./inbox/notification.repository.ts";
import {
  NotificationEventResolver,
  NotificationReceivedResolver,
  NotificationResolver,
  NotificationTextResolver,
} from "./inbox/notification.resolver.ts";
import {
  NOTIFICATION_PREFIX,
  NotificationService,
  TELL_UNLESS_WATCHED,
} from "./inbox/notification.service.ts";
import { knownKinds, notificationKinds } from "./kinds/notification-kinds.ts";
import type { PushSender } from "./notifications.ports.ts";
import { PreferenceRepository } from "./pushes/preference.repository.ts";
import { PreferenceService } from "./pushes/preference.service.ts";
import { PushOutboxRepository } from "./pushes/push-outbox.repository.ts";
import { PushResolver } from "./pushes/push.resolver.ts";
import { PushService, SEND_PUSHES, type PushServiceDeps } from "./pushes/push.service.ts";
import { PushTokenRepository } from "./pushes/push-token.repository.ts";
import { PushTokenService } from "./pushes/push-token.service.ts";

declare module "../../platform/graphql/streams.ts" {
  interface Streams {
    notifications(
      context: Context,
      args: { after?: number | null },
    ): Promise<AsyncIterableIterator<NumberedNotification>>;
  }
}

export interface NotificationsModuleDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly database: Database;
  readonly events: DomainEvents;
  readonly feed: Feed;
  readonly nudges: Nudges;
  readonly jobWatchers: PushServiceDeps["watchers"];
  readonly users: PushServiceDeps["users"];
  /** Keeps a session from ending during a transaction; false when it has ended. */
  readonly holdSession: (tx: Tx, sessionId: string) => Promise<boolean>;
  /** Null when nothing is pushed. */
  readonly push: PushSender | null;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The notifications domain, put together. */
export interface NotificationsModule extends DomainModule {
  /** Lets go of timers. */
  close(): void;
}

/** What users are told: stored, live and pushed. */
export function createNotificationsModule(
  dependencies: NotificationsModuleDependencies,
): NotificationsModule {
  const rows = rowsOf(dependencies.database);
  const { inbox, pushes, tokens, preferences, sweep } = servicesOf(dependencies, rows);
  react(dependencies, inbox, tokens);
  registerNotificationNode();
  return {
    resolvers: [
      new NotificationTextResolver(),
      new NotificationEventResolver(),
      new NotificationReceivedResolver(),
      new NotificationResolver(inbox),
      new PushResolver(tokens, preferences),
    ],
    loaders: () => createNotificationLoaders(rows.notifications),
    streams: {
      notifications: (context, args) => inbox.follow(signedIn(context).userId, args.after ?? null),
    },
    tasks: [sendTask(pushes), tellTask(inbox)],
    crons: cronsOf(inbox, rows),
    personalData: personalDataOf(dependencies.unitOfWork, rows),
    close: () => {
      sweep.close();
    },
  };
}

const rowsOf = (database: Database) => ({
  notifications: new NotificationRepository(database, knownKinds),
  outbox: new PushOutboxRepository(database),
  tokens: new PushTokenRepository(database),
  preferences: new PreferenceRepository(database),
});

type Rows = ReturnType<typeof rowsOf>;

function servicesOf(dependencies: NotificationsModuleDependencies, rows: Rows) {
  const { unitOfWork: uow, jobWatchers: watchers, nudges, log } = dependencies;
  const sweep = new Sweep((userIds) => rows.notifications.lastSeqs(userIds), nudges, log);
  const pushes = new PushService({
    ...dependencies,
    ...rows,
    uow,
    sender: dependencies.push,
    watchers,
  });
  return {
    sweep,
    pushes,
    inbox: new NotificationService({ ...dependencies, ...rows, uow, pushes, watchers, sweep }),
    tokens: new PushTokenService({ ...dependencies, ...rows, uow }),
    preferences: new PreferenceService(uow, rows.preferences),
  };
}

function react(
  { events, clock }: NotificationsModuleDependencies,
  inbox: NotificationService,
  tokens: PushTokenService,
): void {
  for (const kind of notificationKinds) {
    kind.follow(events, clock, (tx, news) => inbox.tell(tx, kind, news));
  }
  events.on(SESSIONS_ENDED, (tx, { sessionIds }) => tokens.endSessions(tx, sessionIds));
}

const sendTask = (pushes: PushService): QueueTask => ({
  name: SEND_PUSHES,
  run: (payload) => pushes.send((payload as { notificationId: string }).notificationId),
});

const tellTask = (inbox: NotificationService): QueueTask => ({
  name: TELL_UNLESS_WATCHED,
  run: (payload) => inbox.tellUnlessWatched(payload as LateNews),
});

const cronsOf = (inbox: NotificationService, { outbox }: Rows): Cron[] => [
  {
    name: "remove_old_notifications",
    pattern: "23 4 * * *",
    run: async () => {
      await inbox.prune();
      await outbox.prune();
    },
  },
];

function personalDataOf(
  uow: UnitOfWork,
  { notifications, preferences, tokens }: Rows,
): PersonalData {
  return {
    name: "notifications",
    tables: ["notifications", "notification_preferences", "push_tokens"],
    export: async (userId) => ({
      notifications: (await notifications.allOf(userId)).map(
        ({ id, kind, facts, refId, readAt, createdAt }) => ({
          ...{ id, kind, facts, about: refId, readAt, createdAt },
        }),
      ),
      preferences: await preferences.of(userId),
      devices: await tokens.devicesOf(userId),
    }),
    merge: async (tx, { fromUserId, toUserId }) => {
      // The device registers again with the session that it gets.
      await tokens.eraseOf(tx, fromUserId);
      await preferences.move(tx, fromUserId, toUserId);
      return { notifications: await notifications.move(tx, fromUserId, toUserId) };
    },
    erase: (userId) =>
      uow.run(async (tx) => {
        await tokens.eraseOf(tx, userId);
        await preferences.eraseOf(tx, userId);
        await notifications.eraseOf(tx, userId);
      }),
  };
}

/** A notification can be fetched again by its reader alone. */
function registerNotificationNode(): void {
  registerNodeSource({
    prefix: NOTIFICATION_PREFIX,
    typeName: "Notification",
    load: async (context, ids) => {
      const { userId } = signedIn(context);
      const rows = await Promise.all(ids.map((id) => context.loaders.notification.load(id)));
      return rows.map((row) => (row?.userId === userId ? row : null));
    },
  });
}
