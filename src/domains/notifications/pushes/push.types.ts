import { GraphQLDateTime } from "graphql-scalars";
import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Viewer, type User } from "../../identity/index.ts";
import { NotificationKinds } from "../kinds/notification-kinds.ts";
import type { PushPlatform } from "../notifications.ports.ts";
import type { Preference } from "./preference.repository.ts";

const PushPlatforms = {
  ANDROID: "ANDROID",
  IOS: "IOS",
  WEB: "WEB",
} as const satisfies { [P in PushPlatform]: P };

registerEnumType(PushPlatforms, {
  name: "PushPlatform",
  description: "What a device that gets pushes runs.",
  valuesConfig: {
    ANDROID: { description: "The app on Android." },
    IOS: { description: "The app on an iPhone or iPad." },
    WEB: { description: "A browser." },
  },
});

@ObjectType({ description: "Whether the user wants a kind of notification pushed." })
export class NotificationPreference {
  @Field(() => NotificationKinds, { description: "Which notifications." })
  kind!: string;

  @Field(() => Boolean, { description: "Whether they are pushed to the user's devices." })
  push!: boolean;
}

@InputType({ description: "Whether to push a kind of notification." })
export class NotificationPreferenceInput implements Preference {
  @Field(() => NotificationKinds, { description: "Which notifications." })
  kind!: string;

  @Field(() => Boolean, { description: "Whether to push them." })
  push!: boolean;
}

@InputType({ description: "What to push from now on." })
export class UpdateNotificationPreferencesInput {
  @Field(() => [NotificationPreferenceInput], {
    description: "The kinds to change, each once; others stay as they are.",
  })
  preferences!: NotificationPreferenceInput[];
}

@ObjectType({ description: "The answer of `updateNotificationPreferences`." })
export class UpdateNotificationPreferencesPayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "Whose preferences have changed." })
  viewer?: User | null;
}

@ObjectType({ description: "A device that gets pushes." })
export class PushRegistration {
  @Field(() => PushPlatforms, { description: "What it runs." })
  platform!: PushPlatform;

  @Field(() => GraphQLDateTime, { description: "When it was registered first." })
  createdAt!: Date;
}

@InputType({ description: "The device that the app runs on." })
export class RegisterPushTokenInput {
  @Field(() => String, {
    description: "Address that the messaging service gave to the app, at most 1,024 characters.",
  })
  token!: string;

  @Field(() => PushPlatforms, { description: "What it runs." })
  platform!: PushPlatform;
}

@ObjectType({ description: "The answer of `registerPushToken`." })
export class RegisterPushTokenPayload extends Payload {
  @Field(() => PushRegistration, { nullable: true, description: "The device." })
  registration?: PushRegistration | null;
}

@InputType({ description: "A device that is to get no more pushes." })
export class RemovePushTokenInput {
  @Field(() => String, { description: "The address that was registered." })
  token!: string;
}

@ObjectType({ description: "The answer of `removePushToken`." })
export class RemovePushTokenPayload extends Payload {
  @Field(() => Boolean, {
    nullable: true,
    description: "Whether it was registered for the user until now.",
  })
  removed?: boolean | null;
}
