import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import {
  Hairstyle,
  HairstyleCategories,
  HairstylesArgs,
  type HairstyleCategory,
} from "../../tryon/index.ts";

@ArgsType()
export class AdminHairstylesArgs extends HairstylesArgs {}

@InputType({ description: "A new hairstyle." })
export class AdminCreateHairstyleInput {
  @Field(() => String, { description: "English name, 1–80 characters." })
  nameEn!: string;

  @Field(() => String, { nullable: true, description: "Khmer name; English is shown without one." })
  nameKh?: string | null;

  @Field(() => String, { description: "What is special about it in English, 1–500 characters." })
  descriptionEn!: string;

  @Field(() => String, { nullable: true, description: "The same in Khmer." })
  descriptionKh?: string | null;

  @Field(() => String, {
    description: "What the picture maker is told of the hair, in English, 1–2,000 characters.",
  })
  prompt!: string;

  @Field(() => HairstyleCategories, { description: "What the hair looks like." })
  category!: HairstyleCategory;

  @Field(() => String, {
    nullable: true,
    description: "Its colour, such as #6b3a1e; null keeps one's own.",
  })
  color?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether hair falls over the forehead; no unless told.",
  })
  hasFringe?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether it is on offer; yes unless told." })
  isActive?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: "Place in the list, the lowest first; 0 unless told.",
  })
  position?: number | null;
}

@ObjectType({ description: "The outcome of `adminCreateHairstyle`." })
export class AdminCreateHairstylePayload extends Payload {
  @Field(() => Hairstyle, { nullable: true, description: "The new hairstyle." })
  hairstyle?: unknown;
}

@InputType({ description: "Changes of a hairstyle; what is left out stays." })
export class AdminUpdateHairstyleInput {
  @Field(() => ID, { description: "The hairstyle." })
  id!: string;

  @Field(() => String, { nullable: true, description: "English name, 1–80 characters." })
  nameEn?: string | null;

  @Field(() => String, { nullable: true, description: "Khmer name; null removes it." })
  nameKh?: string | null;

  @Field(() => String, { nullable: true, description: "English description." })
  descriptionEn?: string | null;

  @Field(() => String, { nullable: true, description: "Khmer description; null removes it." })
  descriptionKh?: string | null;

  @Field(() => String, { nullable: true, description: "What the picture maker is told." })
  prompt?: string | null;

  @Field(() => HairstyleCategories, { nullable: true, description: "What the hair looks like." })
  category?: HairstyleCategory | null;

  @Field(() => String, { nullable: true, description: "Its colour; null keeps one's own." })
  color?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether hair falls over the forehead." })
  hasFringe?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether it is on offer." })
  isActive?: boolean | null;

  @Field(() => Int, { nullable: true, description: "Place in the list." })
  position?: number | null;
}

@ObjectType({ description: "The outcome of `adminUpdateHairstyle`." })
export class AdminUpdateHairstylePayload extends Payload {
  @Field(() => Hairstyle, { nullable: true, description: "The hairstyle as it is now." })
  hairstyle?: unknown;
}

@InputType({ description: "Which hairstyle to delete." })
export class AdminDeleteHairstyleInput {
  @Field(() => ID, { description: "The hairstyle." })
  id!: string;
}

@ObjectType({ description: "The outcome of `adminDeleteHairstyle`." })
export class AdminDeleteHairstylePayload extends Payload {
  @Field(() => ID, { nullable: true, description: "What was deleted; null when it was hidden." })
  deletedId?: string | null;

  @Field(() => Hairstyle, {
    nullable: true,
    description: "The hairstyle, hidden instead of deleted, because somebody has tried it on.",
  })
  hairstyle?: unknown;
}
