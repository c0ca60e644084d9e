import { GraphQLDateTime, GraphQLLocalDate } from "graphql-scalars";
import { Field, InputType, ObjectType } from "type-graphql";
import type { Language, Role } from "../../../platform/graphql/context.ts";
import { Languages } from "../../../platform/graphql/language.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Genders, Roles, SkinTypes, type Gender, type SkinType } from "./user.vocabulary.ts";

/** The signed-in user. Other domains add what is theirs as field resolvers that go by `id`. */
@ObjectType({ implements: Node, description: "The signed-in user and everything personal." })
export class Viewer extends Node {
  @Field(() => String, { nullable: true, description: "E-mail address; null without one." })
  email!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When the e-mail address was confirmed; null as long as it is not.",
  })
  emailVerifiedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Phone number in E.164; null without one." })
  phone!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When the phone was confirmed; null as long as it is not.",
  })
  phoneVerifiedAt!: Date | null;

  @Field(() => String, { description: "First name; empty when not given." })
  firstName!: string;

  @Field(() => String, { description: "Last name; empty when not given." })
  lastName!: string;

  @Field(() => GraphQLLocalDate, { nullable: true, description: "Date of birth, if given." })
  dateOfBirth!: string | null;

  @Field(() => Genders, { nullable: true, description: "Gender, if given." })
  gender!: Gender | null;

  @Field(() => SkinTypes, { description: "Skin type, as the person says." })
  skinType!: SkinType;

  @Field(() => Languages, { description: "Preferred language of texts." })
  language!: Language;

  @Field(() => String, {
    nullable: true,
    description: "Where the user's days begin, such as Asia/Phnom_Penh; UTC as long as it is null.",
  })
  timeZone!: string | null;

  @Field(() => Roles, { description: "What this user may do." })
  role!: Role;

  @Field(() => GraphQLDateTime, { description: "When the account was made." })
  createdAt!: Date;
}

@InputType({ description: "What to change; what is left out stays as it is." })
export class UpdateProfileInput {
  @Field(() => String, { nullable: true, description: "First name, at most 100 characters." })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: "Last name, at most 100 characters." })
  lastName?: string | null;

  @Field(() => Languages, {
    nullable: true,
    description: "Preferred language; texts follow it from the next access token on.",
  })
  language?: Language | null;

  @Field(() => String, {
    nullable: true,
    description: "Where the user's days begin: an IANA name. It can be changed once in 24 hours.",
  })
  timeZone?: string | null;

  @Field(() => SkinTypes, { nullable: true, description: "Skin type." })
  skinType?: SkinType | null;

  @Field(() => GraphQLLocalDate, { nullable: true, description: "Date of birth; null removes it." })
  dateOfBirth?: string | null;

  @Field(() => Genders, { nullable: true, description: "Gender; null removes it." })
  gender?: Gender | null;
}

@ObjectType({ description: "The answer of `updateProfile`." })
export class UpdateProfilePayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "The changed user." })
  viewer?: Viewer | null;
}
