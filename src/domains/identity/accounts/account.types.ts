import { Field, InputType, ObjectType } from "type-graphql";
import type { Language } from "../../../platform/graphql/context.ts";
import { Languages } from "../../../platform/graphql/language.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { SessionPayload } from "../sessions/session.types.ts";

@InputType({ description: "A new account." })
export class RegisterWithEmailInput {
  @Field(() => String, { description: "E-mail address; the link to confirm it goes there." })
  email!: string;

  @Field(() => String, { description: "8 to 128 characters, and not a common password." })
  password!: string;

  @Field(() => String, { description: "First name, at most 100 characters." })
  firstName!: string;

  @Field(() => String, { description: "Last name, at most 100 characters." })
  lastName!: string;

  @Field(() => Languages, {
    nullable: true,
    description: "Language of mails and texts; the client's when left out.",
  })
  language?: Language | null;
}

@ObjectType({
  description:
    "The answer of `registerWithEmail`. It is the same whether or not the address has an account.",
})
export class RegisterWithEmailPayload extends Payload {
  @Field(() => String, { nullable: true, description: "Where the mail went." })
  email?: string | null;
}

@InputType({ description: "The token of a mail." })
export class VerifyEmailInput {
  @Field(() => String, { description: "The `token` of the link in the mail." })
  token!: string;
}

@ObjectType({ description: "The answer of `verifyEmail`." })
export class VerifyEmailPayload extends SessionPayload {}

@InputType({ description: "An address that waits for its confirmation." })
export class ResendVerificationEmailInput {
  @Field(() => String, { description: "The e-mail address." })
  email!: string;
}

@ObjectType({
  description:
    "The answer of `resendVerificationEmail`. It is the same whether or not a mail was sent.",
})
export class ResendVerificationEmailPayload extends Payload {}
