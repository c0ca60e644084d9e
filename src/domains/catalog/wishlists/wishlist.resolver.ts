import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Info,
  Mutation,
  Resolver,
  Root,
} from "type-graphql";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { badUserInput, notFound } from "../../../platform/graphql/errors.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { isId } from "../../../platform/ids/ids.ts";
import { Viewer, type User } from "../../identity/index.ts";
import { Product } from "../catalog.types.ts";
import type { ProductRow } from "../product-columns.repository.ts";
import { productColumnsFor } from "../product.columns.ts";
import type { WishlistItemRow } from "./wishlist.repository.ts";
import type { WishlistService } from "./wishlist.service.ts";
import {
  AddToWishlistInput,
  AddToWishlistPayload,
  RemoveFromWishlistInput,
  RemoveFromWishlistPayload,
  WishlistItem,
  WishlistItemConnection,
} from "./wishlist.types.ts";

const LAST_ADDED_FIRST = "wishlist.newest";
const LATEST_MS = Date.UTC(9999, 11, 31);

@Resolver(() => Viewer)
export class WishlistResolver {
  constructor(private readonly wishlists: WishlistService) {}

  @FieldResolver(() => WishlistItemConnection, {
    description: "What the viewer would like to have, last added first.",
  })
  async wishlist(
    @Root() user: User,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<WishlistItemRow>> {
    const request = pageRequest(page, LAST_ADDED_FIRST, 2);
    if (request.beyond !== null && !isKey(request.beyond)) {
      const argument = request.backward ? "before" : "after";
      throw badUserInput("This cursor does not belong to this list.", [argument]);
    }
    const rows = await this.wishlists.pageOf(user.id, request);
    return connectionOf(rows, request, LAST_ADDED_FIRST, (row) => [
      row.addedAt.getTime(),
      row.productId,
    ]);
  }

  @Authorized()
  @Mutation(() => AddToWishlistPayload, {
    description: "Puts a product on the viewer's wishlist; again changes nothing.",
  })
  addToWishlist(
    @Arg("input", () => AddToWishlistInput, { description: "The product." })
    { productId }: AddToWishlistInput,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<AddToWishlistPayload> {
    const { userId } = signedIn(context);
    return payload(AddToWishlistPayload, async () => {
      const product = await onSale(productId, context, info);
      if (product === null) throw notFound("The product");
      await this.wishlists.add({ userId, productId });
      return { product, viewer: await context.loaders.user.load(userId) };
    });
  }

  @Authorized()
  @Mutation(() => RemoveFromWishlistPayload, {
    description: "Takes a product off the viewer's wishlist; one that is not there is no fault.",
  })
  removeFromWishlist(
    @Arg("input", () => RemoveFromWishlistInput, { description: "The product." })
    { productId }: RemoveFromWishlistInput,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RemoveFromWishlistPayload> {
    const { userId } = signedIn(context);
    return payload(RemoveFromWishlistPayload, async () => {
      if (isId(productId, "prd")) await this.wishlists.remove({ userId, productId });
      const product = await onSale(productId, context, info);
      return { product, viewer: await context.loaders.user.load(userId) };
    });
  }
}

@Resolver(() => WishlistItem)
export class WishlistItemResolver {
  @FieldResolver(() => Product, {
    nullable: true,
    description: "The product; null while it is not on sale.",
  })
  product(
    @Root() item: WishlistItemRow,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProductRow | null> {
    return context.loaders.product.load(item.productId, productColumnsFor(info, context));
  }
}

@Resolver(() => Product)
export class ProductWishlistResolver {
  @FieldResolver(() => Boolean, {
    description: "Whether the viewer has it on the wishlist; false for strangers.",
  })
  isWishlisted(
    @Root() product: ProductRow,
    @Ctx() { loaders, signedIn: viewer }: Context,
  ): Promise<boolean> | boolean {
    if (viewer === null) return false;
    return loaders.isWishlisted.load({ userId: viewer.userId, productId: product.id });
  }
}

const onSale = async (
  id: string,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ProductRow | null> =>
  isId(id, "prd") ? context.loaders.product.load(id, productColumnsFor(info, context)) : null;

const isKey = ([time, id]: readonly unknown[]): boolean =>
  Number.isInteger(time) &&
  Math.abs(time as number) <= LATEST_MS &&
  typeof id === "string" &&
  isId(id, "prd");
