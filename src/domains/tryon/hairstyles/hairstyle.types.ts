import { ArgsType, Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes, PageArgs } from "../../../platform/graphql/connection.ts";
import { Languages } from "../../../platform/graphql/language.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { HairstyleCategories, type HairstyleCategory } from "./hairstyle.vocabulary.ts";

/** Type and options of the argument `language` of texts. */
export const inLanguage = () => Languages;
export const languageArgument = {
  nullable: true,
  description: "Language of the text, the viewer's when left out; English where there is none.",
} as const;

registerEnumType(HairstyleCategories, {
  name: "HairstyleCategory",
  description: "What hair looks like in a style.",
  valuesConfig: {
    SHORT: { description: "Above the ears or just over them." },
    MEDIUM: { description: "From the chin to the shoulders." },
    LONG: { description: "Below the shoulders." },
    CURLY: { description: "Curls of any length." },
    BRAIDS: { description: "Braided." },
    UPDO: { description: "Gathered up." },
  },
});

@ObjectType({ implements: Node, description: "A hairstyle that can be tried on." })
export class Hairstyle extends Node {
  @Field(() => HairstyleCategories, { description: "What the hair looks like." })
  category!: HairstyleCategory;

  @Field(() => String, {
    nullable: true,
    description: "Its colour, such as #6b3a1e; null keeps one's own.",
  })
  color!: string | null;

  @Field(() => Boolean, { description: "Whether hair falls over the forehead." })
  hasFringe!: boolean;

  @Field(() => Boolean, { description: "Whether it is on offer." })
  isActive!: boolean;

  @Field(() => Int, { description: "Place in the list, the lowest first." })
  position!: number;

  @Field(() => Int, { description: "Rises with every change, from 1." })
  version!: number;
}

const connection = connectionTypes("Hairstyle", () => Hairstyle);
export const HairstyleConnection = connection.connection;

@ArgsType()
export class HairstylesArgs extends PageArgs {
  @Field(() => HairstyleCategories, { nullable: true, description: "Only of this category." })
  category?: HairstyleCategory | null;
}
