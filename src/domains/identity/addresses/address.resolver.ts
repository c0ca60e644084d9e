import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";
import type { AddressRow } from "./address.repository.ts";
import type { AddressService } from "./address.service.ts";
import {
  AddAddressInput,
  AddAddressPayload,
  Address,
  RemoveAddressInput,
  RemoveAddressPayload,
  SetDefaultAddressInput,
  SetDefaultAddressPayload,
  UpdateAddressInput,
  UpdateAddressPayload,
} from "./address.types.ts";

@Resolver(() => Viewer)
export class AddressResolver {
  constructor(private readonly addressBook: AddressService) {}

  @FieldResolver(() => [Address], {
    description: "The viewer's addresses, at most 20, oldest first.",
  })
  addresses(@Root() user: User): Promise<AddressRow[]> {
    return this.addressBook.of(user.id);
  }

  @Authorized()
  @Mutation(() => AddAddressPayload, { description: "Adds an address of the viewer." })
  addAddress(
    @Arg("input", () => AddAddressInput, { description: "The address." })
    input: AddAddressInput,
    @Ctx() context: Context,
  ): Promise<AddAddressPayload> {
    const { userId } = signedIn(context);
    return payload(AddAddressPayload, async () => {
      const { type, isDefault, ...details } = input;
      const address = await this.addressBook.add(userId, type, complete(details), isDefault);
      return { address, viewer: await context.loaders.user.load(userId) };
    });
  }

  @Authorized()
  @Mutation(() => UpdateAddressPayload, { description: "Changes an address of the viewer." })
  updateAddress(
    @Arg("input", () => UpdateAddressInput, { description: "What to change." })
    input: UpdateAddressInput,
    @Ctx() context: Context,
  ): Promise<UpdateAddressPayload> {
    const { userId } = signedIn(context);
    return payload(UpdateAddressPayload, async () => {
      const { addressId, ...details } = input;
      const change = {
        ...details,
        firstName: notNull(details.firstName, "firstName"),
        lastName: notNull(details.lastName, "lastName"),
        addressLine1: notNull(details.addressLine1, "addressLine1"),
        city: notNull(details.city, "city"),
        country: notNull(details.country, "country"),
      };
      const address = await this.addressBook.update(userId, addressId, change);
      return { address, viewer: await context.loaders.user.load(userId) };
    });
  }

  @Authorized()
  @Mutation(() => RemoveAddressPayload, { description: "Removes an address of the viewer." })
  removeAddress(
    @Arg("input", () => RemoveAddressInput, { description: "Which address." })
    input: RemoveAddressInput,
    @Ctx() context: Context,
  ): Promise<RemoveAddressPayload> {
    const { userId } = signedIn(context);
    return payload(RemoveAddressPayload, async () => {
      await this.addressBook.remove(userId, input.addressId);
      return { removedId: input.addressId, viewer: await context.loaders.user.load(userId) };
    });
  }

  @Authorized()
  @Mutation(() => SetDefaultAddressPayload, {
    description: "Makes an address the default of its type.",
  })
  setDefaultAddress(
    @Arg("input", () => SetDefaultAddressInput, { description: "Which address." })
    input: SetDefaultAddressInput,
    @Ctx() context: Context,
  ): Promise<SetDefaultAddressPayload> {
    const { userId } = signedIn(context);
    return payload(SetDefaultAddressPayload, async () => {
      const address = await this.addressBook.setDefault(userId, input.addressId);
      return { address, viewer: await context.loaders.user.load(userId) };
    });
  }
}

/** Left out is the same as null for a new address. */
const complete = (details: Omit<AddAddressInput, "type" | "isDefault">) => ({
  ...details,
  company: details.company ?? null,
  addressLine2: details.addressLine2 ?? null,
  state: details.state ?? null,
  postalCode: details.postalCode ?? null,
  phone: details.phone ?? null,
});

function notNull<T>(value: T | null | undefined, field: string): T | undefined {
  if (value === null) throw badUserInput("This cannot be removed.", ["input", field]);
  return value;
}
