import { GraphQLDateTime } from "graphql-scalars";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ViewerEvent } from "../../../platform/events/feed.types.ts";
import { connectionTypes, PageArgs } from "../../../platform/graphql/connection.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Viewer, type User } from "../../identity/index.ts";
import { NotificationKinds } from "../kinds/notification-kinds.ts";
import type { NotificationRow } from "./notification.repository.ts";

@ObjectType("Notification", { implements: Node, description: "Something that the user was told." })
export class NotificationType extends Node {
  @Field(() => NotificationKinds, { description: "What it is about." })
  kind!: string;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it was read, if it was." })
  readAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: "When the user was told." })
  createdAt!: Date;
}

const connection = connectionTypes<NotificationType>("Notification", () => NotificationType);
export const NotificationConnection = connection.connection;

@ArgsType()
export class NotificationsArgs extends PageArgs {
  @Field(() => Boolean, { defaultValue: false, description: "Only what has not been read." })
  unreadOnly!: boolean;
}

@ObjectType({ description: "The user was told something." })
export class NotificationReceived {
  @Field(() => Int, { description: "Number of the event; give the last one as `after` to resume." })
  seq!: number;

  @Field(() => NotificationType, { description: "What the user was told." })
  notification!: NotificationRow;
}

@ObjectType({
  implements: ViewerEvent,
  description: "The user was told something, or has read something.",
})
export class NotificationEvent extends ViewerEvent {
  @Field(() => NotificationType, {
    nullable: true,
    description: "The notification as it is now; null when it is gone.",
  })
  notification!: NotificationRow | null;
}

@InputType({ description: "Which notification was read." })
export class MarkNotificationReadInput {
  @Field(() => ID, { description: "The notification." })
  id!: string;
}

@ObjectType({ description: "The answer of `markNotificationRead`." })
export class MarkNotificationReadPayload extends Payload {
  @Field(() => NotificationType, {
    nullable: true,
    description: "The notification as it is now.",
  })
  notification?: NotificationRow | null;

  @Field(() => Viewer, { nullable: true, description: "Whose count of unread ones has changed." })
  viewer?: User | null;
}

@InputType({ description: "Up to where everything was read." })
export class MarkAllNotificationsReadInput {
  @Field(() => ID, {
    description: "The newest notification that was shown; newer ones stay unread.",
  })
  upToId!: string;
}

@ObjectType({ description: "The answer of `markAllNotificationsRead`." })
export class MarkAllNotificationsReadPayload extends Payload {
  @Field(() => Int, { nullable: true, description: "How many were unread until now." })
  markedCount?: number | null;

  @Field(() => Viewer, { nullable: true, description: "Whose count of unread ones has changed." })
  viewer?: User | null;
}
