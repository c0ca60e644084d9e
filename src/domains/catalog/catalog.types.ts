import { GraphQLDateTime } from "graphql-scalars";
import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes, PageArgs } from "../../platform/graphql/connection.ts";
import { Languages } from "../../platform/graphql/language.ts";
import { Node } from "../../platform/graphql/node.ts";
import {
  ProductSorts,
  SkinConcerns,
  type ProductSort,
  type SkinConcern,
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
    RELEVANCE: { description: "What fits the search best first; without a search like NEWEST." },
    NEWEST: { description: "Last published first." },
    PRICE_ASC: { description: "Cheapest first." },
    PRICE_DESC: { description: "Dearest first." },
    NAME: { description: "By English name, A to Z." },
    RATING: { description: "Best rated first; of equals the one with more reviews." },
    BEST_SELLING: { description: "Most often sold first." },
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

/** Fields that take arguments or other rows, or are not always read, are declared by the resolver. */
@ObjectType({ implements: Node, description: "Something the shop sells." })
export class Product extends Node {
  @Field(() => String, { description: "Its name in web addresses; unique." })
  slug!: string;

  @Field(() => String, { description: "Stock-keeping unit; unique." })
  sku!: string;

  @Field(() => String, { description: "Who makes it." })
  brand!: string;

  @Field(() => Boolean, { description: "Whether the shop puts it forward." })
  isFeatured!: boolean;

  @Field(() => Boolean, { description: "Whether it can be ordered now." })
  inStock!: boolean;

  @Field(() => GraphQLDateTime, { description: "When it was put on sale." })
  publishedAt!: string;
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

@ObjectType({ description: "A page of products, with what can be said of the whole list." })
export class ProductSearchConnection extends products.connection {}

/** The arguments of a list of products. */
@ArgsType()
export class ProductPageArgs extends PageArgs {
  @Field(() => ProductSorts, { defaultValue: "RELEVANCE", description: "Order of the list." })
  sort!: ProductSort;
}
