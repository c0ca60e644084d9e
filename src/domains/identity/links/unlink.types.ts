import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";
import type { SignInMethod } from "./sign-in-method.repository.ts";

/** The ways to sign in, for the schema. */
export const SignInMethods = {
  EMAIL: "EMAIL",
  PHONE: "PHONE",
  GOOGLE: "GOOGLE",
  DEVICE: "DEVICE",
} as const satisfies { [M in SignInMethod]: M };

registerEnumType(SignInMethods, {
  name: "SignInMethod",
  description: "What signs a user in.",
  valuesConfig: {
    EMAIL: { description: "A confirmed e-mail address, by its password." },
    PHONE: { description: "A confirmed phone, by a code or the password." },
    GOOGLE: { description: "A Google account." },
    DEVICE: { description: "A device that keeps a secret." },
  },
});

const PASSWORD = {
  nullable: true,
  description:
    "The password of an account that has one; any other needs a sign-in of the last ten minutes.",
} as const;

@InputType({ description: "To remove the e-mail address." })
export class UnlinkEmailInput {
  @Field(() => String, PASSWORD)
  password?: string | null;
}

@InputType({ description: "To remove the phone." })
export class UnlinkPhoneInput {
  @Field(() => String, PASSWORD)
  password?: string | null;
}

@InputType({ description: "To remove the sign-in with Google." })
export class UnlinkGoogleInput {
  @Field(() => String, PASSWORD)
  password?: string | null;
}

@ObjectType({ description: "The answer of `unlinkEmail`." })
export class UnlinkEmailPayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "The viewer as it is now." })
  viewer?: User | null;
}

@ObjectType({ description: "The answer of `unlinkPhone`." })
export class UnlinkPhonePayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "The viewer as it is now." })
  viewer?: User | null;
}

@ObjectType({ description: "The answer of `unlinkGoogle`." })
export class UnlinkGooglePayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "The viewer as it is now." })
  viewer?: User | null;
}
