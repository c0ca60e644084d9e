import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { connectionTypes } from "../../../platform/graphql/connection.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Viewer } from "../../identity/index.ts";
import { Product } from "../catalog.types.ts";

/** The product is another row: the resolver declares it. */
@ObjectType({ description: "A product on the viewer's wishlist." })
export class WishlistItem {
  @Field(() => GraphQLDateTime, { description: "When it was put there." })
  addedAt!: Date;
}

const items = connectionTypes("WishlistItem", () => WishlistItem);
export const WishlistItemConnection = items.connection;

@InputType({ description: "What to put on the wishlist." })
export class AddToWishlistInput {
  @Field(() => ID, { description: "A product on sale." })
  productId!: string;
}

@ObjectType({ description: "The wishlist with the product." })
export class AddToWishlistPayload extends Payload {
  @Field(() => Product, { nullable: true, description: "The product." })
  product!: Product | null;

  @Field(() => Viewer, { nullable: true, description: "Whose list it is." })
  viewer!: Viewer | null;
}

@InputType({ description: "What to take off the wishlist." })
export class RemoveFromWishlistInput {
  @Field(() => ID, { description: "The product." })
  productId!: string;
}

@ObjectType({ description: "The wishlist without the product." })
export class RemoveFromWishlistPayload extends Payload {
  @Field(() => Product, {
    nullable: true,
    description: "The product; null when it is no longer on sale.",
  })
  product!: Product | null;

  @Field(() => Viewer, { nullable: true, description: "Whose list it is." })
  viewer!: Viewer | null;
}
