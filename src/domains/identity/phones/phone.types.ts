import { GraphQLDateTime } from "graphql-scalars";
import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import type { Language } from "../../../platform/graphql/context.ts";
import { Languages } from "../../../platform/graphql/language.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { SessionPayload } from "../sessions/session.types.ts";
import type { OtpPurpose } from "./phone.service.ts";

export const OtpPurposes = {
  SIGN_UP: "SIGN_UP",
  SIGN_IN: "SIGN_IN",
  RESET_PASSWORD: "RESET_PASSWORD",
} as const satisfies { [P in OtpPurpose]: P };

registerEnumType(OtpPurposes, {
  name: "OtpPurpose",
  description: "What a code by text message is for.",
  valuesConfig: {
    SIGN_UP: { description: "Makes an account without a password." },
    SIGN_IN: { description: "Signs in." },
    RESET_PASSWORD: { description: "Lets choose a new password, with `resetPassword`." },
  },
});

@InputType({ description: "A new account by phone." })
export class SignUpWithPhoneInput {
  @Field(() => String, { description: "Phone number with the country's code, +855…" })
  phone!: string;

  @Field(() => String, { description: "8 to 128 characters, and not a common password." })
  password!: string;

  @Field(() => Languages, {
    nullable: true,
    description: "Language of the message; the client's when left out.",
  })
  language?: Language | null;
}

/** The payload of everything that sends a code. */
@ObjectType()
abstract class CodeSentPayload extends Payload {
  @Field(() => GraphQLDateTime, { nullable: true, description: "When the code expires." })
  expiresAt?: Date | null;
}

@ObjectType({
  description:
    "The answer of `signUpWithPhone`. It is the same whether or not the phone has an account.",
})
export class SignUpWithPhonePayload extends CodeSentPayload {}

@InputType({ description: "A code to send." })
export class RequestOtpInput {
  @Field(() => String, { description: "Phone number with the country's code, +855…" })
  phone!: string;

  @Field(() => OtpPurposes, { description: "What the code is for." })
  purpose!: OtpPurpose;
}

@ObjectType({
  description: "The answer of `requestOtp`. It is the same whether or not a code was sent.",
})
export class RequestOtpPayload extends CodeSentPayload {}

@InputType({ description: "A code that came by text message." })
export class VerifyOtpInput {
  @Field(() => String, { description: "The phone that it was sent to." })
  phone!: string;

  @Field(() => String, { description: "The six digits." })
  code!: string;
}

@ObjectType({ description: "The answer of `verifyOtp`." })
export class VerifyOtpPayload extends SessionPayload {}
