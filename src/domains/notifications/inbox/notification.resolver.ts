import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Int,
  Mutation,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import type { FeedEntry } from "../../../platform/events/feed.ts";
import { registerFeedTopic } from "../../../platform/events/feed.types.ts";
import {
  connectionOf,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { Node, nodeSourceOf } from "../../../platform/graphql/node.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { Viewer } from "../../identity/index.ts";
import { kindOf } from "../kinds/notification-kinds.ts";
import type { NotificationRow, NumberedNotification } from "./notification.repository.ts";
import { NOTIFICATION_TOPIC, type NotificationService } from "./notification.service.ts";
import {
  MarkAllNotificationsReadInput,
  MarkAllNotificationsReadPayload,
  MarkNotificationReadInput,
  MarkNotificationReadPayload,
  NotificationConnection,
  NotificationEvent,
  NotificationReceived,
  NotificationsArgs,
  NotificationType,
} from "./notification.types.ts";

const NEWEST_FIRST = "notification.newest";

registerFeedTopic(NOTIFICATION_TOPIC, NotificationEvent.name);

/** How a notification reads: in the language of whoever asks, made when it is read. */
@Resolver(() => NotificationType)
export class NotificationTextResolver {
  @FieldResolver(() => String, { description: "One short line, in the user's language." })
  title(@Root() row: NotificationRow, @Ctx() { language }: Context): string {
    return kindOf(row.kind).textOf(row.facts, language).title;
  }

  @FieldResolver(() => String, { description: "A sentence beneath the title; may be empty." })
  body(@Root() row: NotificationRow, @Ctx() { language }: Context): string {
    return kindOf(row.kind).textOf(row.facts, language).body;
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: "What it is about, such as a job; null when that cannot be fetched.",
  })
  async about(@Root() { refId }: NotificationRow, @Ctx() context: Context): Promise<object | null> {
    if (refId === null) return null;
    const found = await nodeSourceOf(refId)?.load(context, [refId]);
    return found?.[0] ?? null;
  }
}

@Resolver(() => NotificationEvent)
export class NotificationEventResolver {
  @FieldResolver(() => NotificationType, { nullable: true })
  notification(
    @Root() { refId }: FeedEntry,
    @Ctx() { loaders }: Context,
  ): Promise<NotificationRow | null> {
    return loaders.notification.load(refId);
  }

  @FieldResolver(() => Int, { description: "How many notifications are unread now." })
  unreadNotifications(@Ctx() context: Context): Promise<number> {
    return unreadOf(context);
  }
}

@Resolver(() => NotificationReceived)
export class NotificationReceivedResolver {
  @FieldResolver(() => Int, { description: "How many notifications are unread now." })
  unreadNotifications(@Ctx() context: Context): Promise<number> {
    return unreadOf(context);
  }
}

/** What the signed-in user was told. */
@Resolver(() => Viewer)
export class NotificationResolver {
  constructor(private readonly inbox: NotificationService) {}

  @FieldResolver(() => NotificationConnection, {
    description: "What the user was told, newest first.",
  })
  async notifications(
    @Args(() => NotificationsArgs) args: NotificationsArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<NotificationRow>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.inbox.pageOf(id, args.unreadOnly, page);
    return connectionOf(rows, page, NEWEST_FIRST, (row) => [row.id]);
  }

  @FieldResolver(() => Int, { description: "How many notifications the user has not read." })
  unreadNotifications(@Ctx() context: Context): Promise<number> {
    return unreadOf(context);
  }

  @Authorized()
  @Mutation(() => MarkNotificationReadPayload, { description: "Notes that the user read one." })
  markNotificationRead(
    @Arg("input", () => MarkNotificationReadInput, { description: "Which notification." })
    { id }: MarkNotificationReadInput,
    @Ctx() context: Context,
  ): Promise<MarkNotificationReadPayload> {
    const { userId } = signedIn(context);
    return payload(MarkNotificationReadPayload, async () => ({
      notification: await this.inbox.markRead(userId, id),
      viewer: await context.loaders.user.load(userId),
    }));
  }

  @Authorized()
  @Mutation(() => MarkAllNotificationsReadPayload, {
    description: "Notes that the user read everything up to one; what came later stays unread.",
  })
  markAllNotificationsRead(
    @Arg("input", () => MarkAllNotificationsReadInput, { description: "Up to where." })
    { upToId }: MarkAllNotificationsReadInput,
    @Ctx() context: Context,
  ): Promise<MarkAllNotificationsReadPayload> {
    const { userId } = signedIn(context);
    return payload(MarkAllNotificationsReadPayload, async () => ({
      markedCount: await this.inbox.markReadUpTo(userId, upToId),
      viewer: await context.loaders.user.load(userId),
    }));
  }

  @Authorized()
  @Subscription(() => NotificationReceived, {
    description: "What the user is told: first what came after the number, then live.",
    subscribe: ({ context, args }) =>
      (context as Context).streams.notifications(
        context as Context,
        args as { after?: number | null },
      ),
  })
  notificationReceived(
    @Arg("after", () => Int, {
      nullable: true,
      description:
        "Number of the last event that the client has, of this subscription or of the feed; starts now when absent.",
    })
    _after: number | null,
    @Root() notification: NumberedNotification,
  ): NotificationReceived {
    return { seq: notification.seq, notification };
  }
}

const unreadOf = async (context: Context): Promise<number> =>
  (await context.loaders.unreadNotifications.load(signedIn(context).userId))?.count ?? 0;
