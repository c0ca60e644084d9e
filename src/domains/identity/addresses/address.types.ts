import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Viewer } from "../accounts/viewer.types.ts";
import type { User } from "../accounts/user.repository.ts";
import type { AddressRow, AddressType } from "./address.repository.ts";

export const AddressTypes = {
  SHIPPING: "SHIPPING",
  BILLING: "BILLING",
} as const satisfies { [T in AddressType]: T };

registerEnumType(AddressTypes, {
  name: "AddressType",
  description: "What an address is for.",
  valuesConfig: {
    SHIPPING: { description: "Where parcels go." },
    BILLING: { description: "What invoices say." },
  },
});

@ObjectType({ description: "An address of the viewer." })
export class Address {
  @Field(() => ID, { description: "Opaque id." })
  id!: string;

  @Field(() => AddressTypes, { description: "What it is for." })
  type!: AddressType;

  @Field(() => Boolean, { description: "Whether it is the one to use of its type." })
  isDefault!: boolean;

  @Field(() => String, { description: "First name, at most 100 characters." })
  firstName!: string;

  @Field(() => String, { description: "Last name, at most 100 characters." })
  lastName!: string;

  @Field(() => String, { description: "Street and number, at most 200 characters." })
  addressLine1!: string;

  @Field(() => String, { description: "City, at most 100 characters." })
  city!: string;

  @Field(() => String, { description: "Country as ISO 3166-1 alpha-2, such as KH." })
  country!: string;

  @Field(() => String, { nullable: true, description: "Company, if given." })
  company!: string | null;

  @Field(() => String, { nullable: true, description: "Second line, if given." })
  addressLine2!: string | null;

  @Field(() => String, { nullable: true, description: "State or province, if given." })
  state!: string | null;

  @Field(() => String, { nullable: true, description: "Postal code, if given." })
  postalCode!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Phone for the delivery, with the country's code, if given.",
  })
  phone!: string | null;
}

@InputType({ description: "A new address." })
export class AddAddressInput {
  @Field(() => AddressTypes, { description: "What it is for." })
  type!: AddressType;

  @Field(() => String, { description: "First name, at most 100 characters." })
  firstName!: string;

  @Field(() => String, { description: "Last name, at most 100 characters." })
  lastName!: string;

  @Field(() => String, { description: "Street and number, at most 200 characters." })
  addressLine1!: string;

  @Field(() => String, { description: "City, at most 100 characters." })
  city!: string;

  @Field(() => String, { description: "Country as ISO 3166-1 alpha-2, such as KH." })
  country!: string;

  @Field(() => String, { nullable: true, description: "Company." })
  company?: string | null;

  @Field(() => String, { nullable: true, description: "Second line." })
  addressLine2?: string | null;

  @Field(() => String, { nullable: true, description: "State or province." })
  state?: string | null;

  @Field(() => String, { nullable: true, description: "Postal code." })
  postalCode?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Phone for the delivery, with the country's code.",
  })
  phone?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Makes it the default of its type; the first one is anyhow.",
  })
  isDefault!: boolean;
}

@InputType({ description: "What to change of an address; what is left out stays as it is." })
export class UpdateAddressInput {
  @Field(() => ID, { description: "The address." })
  addressId!: string;

  @Field(() => String, { nullable: true, description: "First name, at most 100 characters." })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: "Last name, at most 100 characters." })
  lastName?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Street and number, at most 200 characters.",
  })
  addressLine1?: string | null;

  @Field(() => String, { nullable: true, description: "City, at most 100 characters." })
  city?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Country as ISO 3166-1 alpha-2, such as KH.",
  })
  country?: string | null;

  @Field(() => String, { nullable: true, description: "Company; null removes it." })
  company?: string | null;

  @Field(() => String, { nullable: true, description: "Second line; null removes it." })
  addressLine2?: string | null;

  @Field(() => String, { nullable: true, description: "State or province; null removes it." })
  state?: string | null;

  @Field(() => String, { nullable: true, description: "Postal code; null removes it." })
  postalCode?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Phone for the delivery, with the country's code; null removes it.",
  })
  phone?: string | null;
}

@InputType({ description: "An address to remove." })
export class RemoveAddressInput {
  @Field(() => ID, { description: "The address." })
  addressId!: string;
}

@InputType({ description: "An address to use from now on." })
export class SetDefaultAddressInput {
  @Field(() => ID, { description: "The address." })
  addressId!: string;
}

/** What every change of addresses answers: one of them can change others. */
@ObjectType()
abstract class AddressesPayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "Whose addresses have changed." })
  viewer?: User | null;
}

@ObjectType()
abstract class AddressPayload extends AddressesPayload {
  @Field(() => Address, { nullable: true, description: "The address as it is now." })
  address?: AddressRow | null;
}

@ObjectType({ description: "The answer of `addAddress`." })
export class AddAddressPayload extends AddressPayload {}

@ObjectType({ description: "The answer of `updateAddress`." })
export class UpdateAddressPayload extends AddressPayload {}

@ObjectType({ description: "The answer of `setDefaultAddress`." })
export class SetDefaultAddressPayload extends AddressPayload {}

@ObjectType({ description: "The answer of `removeAddress`." })
export class RemoveAddressPayload extends AddressesPayload {
  @Field(() => ID, { nullable: true, description: "The address that is gone." })
  removedId?: string | null;
}
