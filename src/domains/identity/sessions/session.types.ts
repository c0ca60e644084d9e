import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes } from "../../../platform/graphql/connection.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { DevicePlatform } from "./device.repository.ts";
import type { IssuedSession } from "./session.service.ts";

export const DevicePlatforms = {
  IOS: "IOS",
  ANDROID: "ANDROID",
  WEB: "WEB",
} as const satisfies { [P in DevicePlatform]: P };

registerEnumType(DevicePlatforms, {
  name: "DevicePlatform",
  description: "What an app runs on.",
  valuesConfig: {
    IOS: { description: "iPhone or iPad." },
    ANDROID: { description: "Android." },
    WEB: { description: "A browser." },
  },
});

/** Its `viewer` is resolved from the user's id. */
@ObjectType({ description: "What a client needs to act as a user. Keep both tokens secret." })
export class Session {
  @Field(() => String, { description: "Send it as `Authorization: Bearer …`; short-lived." })
  accessToken!: string;

  @Field(() => GraphQLDateTime, { description: "When the access token expires." })
  accessTokenExpiresAt!: Date;

  @Field(() => String, {
    description: "Exchange it once, with `refreshSession`, for new tokens; then forget it.",
  })
  refreshToken!: string;

  userId!: string;
}

@ObjectType({ description: "A session that is open somewhere." })
export class ActiveSession {
  @Field(() => ID, { description: "Opaque; `endSession` takes it." })
  id!: string;

  @Field(() => DevicePlatforms, {
    nullable: true,
    description: "Platform of the device that signed in; null when it was not by device.",
  })
  platform!: DevicePlatform | null;

  @Field(() => String, { nullable: true, description: "User agent of the last use." })
  userAgent!: string | null;

  @Field(() => String, { description: "IP address of the last use." })
  ip!: string;

  @Field(() => GraphQLDateTime, { description: "When it was opened." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it was last opened or renewed." })
  lastUsedAt!: Date;
}

const connection = connectionTypes("ActiveSession", () => ActiveSession);
export const ActiveSessionConnection = connection.connection;

@InputType({ description: "Credentials of an account." })
export class LoginWithPasswordInput {
  @Field(() => String, { description: "E-mail address or phone number of the account." })
  identifier!: string;

  @Field(() => String, { description: "The password." })
  password!: string;
}

@InputType({ description: "What a device shows to be recognised." })
export class LoginWithDeviceInput {
  @Field(() => String, {
    description: "Chosen by the app at first start; 8 to 128 printable characters.",
  })
  deviceId!: string;

  @Field(() => String, {
    description: "Random, kept in the device's key store; 16 to 256 printable characters.",
  })
  deviceSecret!: string;

  @Field(() => DevicePlatforms, { description: "What the app runs on." })
  platform!: DevicePlatform;
}

@InputType({ description: "A refresh token to exchange." })
export class RefreshSessionInput {
  @Field(() => String, { description: "The refresh token that was given last." })
  refreshToken!: string;
}

@InputType({ description: "Nothing has to be given." })
export class LogoutInput {
  @Field(() => String, { nullable: true, description: "Any text; it comes back unchanged." })
  clientMutationId?: string | null;
}

@InputType({ description: "Which sessions to end." })
export class LogoutAllInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description: "Keeps the session that asks, and ends only the others.",
  })
  keepCurrent!: boolean;
}

@InputType({ description: "A session to end." })
export class EndSessionInput {
  @Field(() => ID, { description: "Id of one of the viewer's sessions." })
  sessionId!: string;
}

/** The payload of everything that signs in. */
@ObjectType()
export abstract class SessionPayload extends Payload {
  @Field(() => Session, { nullable: true, description: "The new session." })
  session?: IssuedSession | null;
}

@ObjectType({ description: "The answer of `loginWithPassword`." })
export class LoginWithPasswordPayload extends SessionPayload {}

@ObjectType({ description: "The answer of `loginWithDevice`." })
export class LoginWithDevicePayload extends SessionPayload {}

@ObjectType({ description: "The answer of `refreshSession`." })
export class RefreshSessionPayload extends SessionPayload {}

@ObjectType({ description: "The answer of `logout`." })
export class LogoutPayload extends Payload {
  @Field(() => String, { nullable: true, description: "What the input said." })
  clientMutationId?: string | null;
}

@ObjectType({ description: "The answer of `logoutAll`." })
export class LogoutAllPayload extends Payload {
  @Field(() => Int, { nullable: true, description: "How many sessions have ended." })
  endedCount?: number | null;
}

@ObjectType({ description: "The answer of `endSession`." })
export class EndSessionPayload extends Payload {
  @Field(() => ID, { nullable: true, description: "The session that has ended." })
  sessionId?: string | null;
}
