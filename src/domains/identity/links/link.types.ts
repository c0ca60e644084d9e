import { GraphQLDateTime } from "graphql-scalars";
import { Field, InputType, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";

@InputType({ description: "An e-mail address for the viewer's account." })
export class LinkEmailInput {
  @Field(() => String, { description: "E-mail address; the link to confirm it goes there." })
  email!: string;

  @Field(() => String, {
    description: "8 to 128 characters; becomes the password of an account that has none.",
  })
  password!: string;
}

@ObjectType({
  description:
    "The answer of `linkEmail`. It is the same whether or not the address has an account.",
})
export class LinkEmailPayload extends Payload {
  @Field(() => String, { nullable: true, description: "Where the mail went." })
  email?: string | null;
}

@InputType({ description: "A phone for the viewer's account." })
export class LinkPhoneInput {
  @Field(() => String, { description: "Phone number with the country's code, +855…" })
  phone!: string;

  @Field(() => String, {
    nullable: true,
    description: "The six digits that were sent; left out, they are sent.",
  })
  code?: string | null;
}

@ObjectType({ description: "The answer of `linkPhone`." })
export class LinkPhonePayload extends Payload {
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When the code expires that was sent; null when the phone was added.",
  })
  expiresAt?: Date | null;

  @Field(() => Viewer, { nullable: true, description: "The viewer as it is now." })
  viewer?: User | null;
}

@InputType({ description: "A sign-in with Google for the viewer's account." })
export class LinkGoogleInput {
  @Field(() => String, { description: "The id token, a JWT." })
  idToken!: string;

  @Field(() => String, { description: "The nonce that the app asked for it with." })
  nonce!: string;
}

@ObjectType({ description: "The answer of `linkGoogle`." })
export class LinkGooglePayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "The viewer as it is now." })
  viewer?: User | null;
}
