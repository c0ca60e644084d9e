import { GraphQLDateTime } from "graphql-scalars";
import {
  ArgsType,
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from "type-graphql";
import { connectionTypes, PageArgs } from "../../platform/graphql/connection.ts";
import { Languages } from "../../platform/graphql/language.ts";
import { Node } from "../../platform/graphql/node.ts";
import {
  ProductSorts,
  SkinConcerns,
  SkinTypes,
  type ProductSort,
  type SkinConcern,
  type SkinType,
} from "./catalog.vocabulary.ts";

/** Type and options of the argument `language` of texts. */
export const inLanguage = () => Languages;
export const languageArgument = {
  nullable: true,
  description: "Language of the text, the viewer's when left out; English where there is none.",
} as const;

registerEnumType(SkinConcerns, {
  name: "SkinConcern",
  description: "What a skin can need help with.",
  valuesConfig: {
    DRYNESS: { description: "Lack of water or oil." },
    TEXTURE: { description: "A rough or uneven surface." },
    DULLNESS: { description: "Little radiance." },
    DARK_SPOTS: { description: "Spots of pigment." },
    LOSS_OF_FIRMNESS: { description: "Sagging." },
    FINE_LINES: { description: "Fine lines and wrinkles." },
    ACNE: { description: "Blemishes and blackheads." },
    DARK_CIRCLES: { description: "Darkness under the eyes." },
    REDNESS: { description: "Flushing and irritation." },
    OILINESS: { description: "Too much sebum." },
  },
});

registerEnumType(ProductSorts, {
  name: "ProductSort",
  description: "Orders of a list of products.",
  valuesConfig: {
    NEWEST: { description: "Last published first." },
    PRICE_ASC: { description: "Cheapest first." },
    PRICE_DESC: { description: "Dearest first." },
    NAME: { description: "By English name, A to Z." },
  },
});

@ObjectType({ description: "An amount of money." })
export class Money {
  @Field(() => String, { description: 'Decimal text with two decimals, such as "12.50".' })
  amount!: string;

  @Field(() => String, { description: "ISO 4217 code." })
  currency!: string;
}

@ObjectType({ description: "A picture of a product." })
export class ProductImage {
  @Field(() => ID, { description: "Opaque." })
  id!: string;

  @Field(() => Boolean, { description: "Whether it stands for the product in lists." })
  isPrimary!: boolean;
}

/** Fields that take arguments or other rows are declared by the resolver. */
@ObjectType({ implements: Node, description: "Something the shop sells." })
export class Product extends Node {
  @Field(() => String, { description: "Its name in web addresses; unique." })
  slug!: string;

  @Field(() => String, { description: "Stock-keeping unit; unique." })
  sku!: string;

  @Field(() => String, { description: "Who makes it." })
  brand!: string;

  @Field(() => [SkinTypes], { description: "Skin types it is made for; empty when for all." })
  skinTypes!: SkinType[];

  @Field(() => [SkinConcerns], { description: "Concerns it helps with." })
  skinConcerns!: SkinConcern[];

  @Field(() => [String], { description: "What is in it by INCI names, most first." })
  ingredients!: string[];

  @Field(() => Boolean, { description: "Whether the shop puts it forward." })
  isFeatured!: boolean;

  @Field(() => Boolean, { description: "Whether it can be ordered now." })
  inStock!: boolean;

  @Field(() => Int, { nullable: true, description: "Weight with packaging, in grams." })
  weightGrams!: number | null;

  @Field(() => Float, { nullable: true, description: "Content, in millilitres." })
  volumeMl!: number | null;

  @Field(() => GraphQLDateTime, { description: "When it was put on sale." })
  publishedAt!: Date;
}

@ObjectType({ implements: Node, description: "A shelf of the shop; shelves form a tree." })
export class Category extends Node {
  @Field(() => String, { description: "Its name in web addresses; unique." })
  slug!: string;
}

@ObjectType({ description: "A concern, and how much the shop has for it." })
export class SkinConcernSummary {
  @Field(() => SkinConcerns, { description: "The concern." })
  concern!: SkinConcern;

  @Field(() => Int, { description: "Products on sale that help with it." })
  productCount!: number;
}

const products = connectionTypes("Product", () => Product);
export const ProductConnection = products.connection;

@InputType({
  description: "Which products to list; what is left out or empty does not narrow the list.",
})
export class ProductFilter {
  @Field(() => String, {
    nullable: true,
    description: "Only products of this category or of one below it.",
  })
  categorySlug?: string | null;

  @Field(() => [SkinConcerns], {
    nullable: true,
    description: "Only products that help with at least one of these.",
  })
  concerns?: SkinConcern[] | null;

  @Field(() => [SkinTypes], {
    nullable: true,
    description: "Only products made for at least one of these, or for all skin types.",
  })
  skinTypes?: SkinType[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only what the shop puts forward, or only the rest.",
  })
  featured?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Lowest price, decimal such as "9.50".' })
  priceMin?: string | null;

  @Field(() => String, { nullable: true, description: 'Highest price, decimal such as "40".' })
  priceMax?: string | null;
}

/** The arguments of a list of products. */
@ArgsType()
export class ProductPageArgs extends PageArgs {
  @Field(() => ProductSorts, { defaultValue: "NEWEST", description: "Order of the list." })
  sort!: ProductSort;
}
