import { GraphQLDateTime } from "graphql-scalars";
import { Field, InputType, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import { SessionPayload } from "../sessions/session.types.ts";

@InputType({ description: "A sign-in in the browser." })
export class GoogleAuthUrlInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Where the browser ends, with `#code=…` or `#error=…`; a page of ours when left out.",
  })
  returnTo?: string | null;
}

@ObjectType({ description: "The answer of `googleAuthUrl`." })
export class GoogleAuthUrlPayload extends Payload {
  @Field(() => String, { nullable: true, description: "The address to open in the browser." })
  url?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Keep it for `finishGoogleSignIn`, where nobody else reads it.",
  })
  secret?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Come back before this time." })
  expiresAt?: Date | null;
}

@InputType({ description: "What the browser brought back." })
export class FinishGoogleSignInInput {
  @Field(() => String, { description: "The `code` behind the address that the browser ended at." })
  code!: string;

  @Field(() => String, { description: "The `secret` of `googleAuthUrl`." })
  secret!: string;
}

@ObjectType({ description: "The answer of `finishGoogleSignIn`." })
export class FinishGoogleSignInPayload extends SessionPayload {}

@InputType({ description: "What an app was given by the sign-in on the device." })
export class LoginWithGoogleInput {
  @Field(() => String, { description: "The id token, a JWT." })
  idToken!: string;

  @Field(() => String, { description: "The nonce that the app asked for it with." })
  nonce!: string;
}

@ObjectType({ description: "The answer of `loginWithGoogle`." })
export class LoginWithGooglePayload extends SessionPayload {}
