import { Field, InputType, Int, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";

@InputType({ description: "An account whose password is forgotten." })
export class ForgotPasswordInput {
  @Field(() => String, { description: "E-mail address or phone number of the account." })
  identifier!: string;
}

@ObjectType({
  description: "The answer of `forgotPassword`. It is the same whether or not there is an account.",
})
export class ForgotPasswordPayload extends Payload {}

@InputType({
  description: "A new password for a forgotten one: by `token`, or by `phone` and `code`.",
})
export class ResetPasswordInput {
  @Field(() => String, { nullable: true, description: "The `token` of the link in the mail." })
  token?: string | null;

  @Field(() => String, { nullable: true, description: "The phone that a code was sent to." })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: "The six digits that were sent." })
  code?: string | null;

  @Field(() => String, { description: "8 to 128 characters, and not a common password." })
  newPassword!: string;
}

@ObjectType({ description: "The answer of `resetPassword`. Sign in with the new password." })
export class ResetPasswordPayload extends Payload {}

@InputType({ description: "A new password for a known one." })
export class ChangePasswordInput {
  @Field(() => String, { description: "The password until now." })
  currentPassword!: string;

  @Field(() => String, { description: "8 to 128 characters, and not a common password." })
  newPassword!: string;
}

@ObjectType({ description: "The answer of `changePassword`." })
export class ChangePasswordPayload extends Payload {
  @Field(() => Int, { nullable: true, description: "How many other sessions have ended." })
  endedCount?: number | null;
}
