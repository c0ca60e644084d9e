import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import { refuseWith } from "../identity.problems.ts";
import { parsePhone } from "../phones/phone-number.ts";
import type {
  AddressDetails,
  AddressRepository,
  AddressRow,
  AddressType,
} from "./address.repository.ts";

const MAX_ADDRESSES = 20;
const LENGTHS: Record<keyof AddressDetails, number> = {
  firstName: 100,
  lastName: 100,
  company: 100,
  addressLine1: 200,
  addressLine2: 200,
  city: 100,
  state: 100,
  postalCode: 20,
  country: 2,
  phone: 40,
};
const OPTIONAL: ReadonlySet<string> = new Set([
  "company",
  "addressLine2",
  "state",
  "postalCode",
  "phone",
]);
const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** Addresses of users. Of each type there is exactly one default as long as there is an address of it. */
export class AddressService {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly addresses: AddressRepository,
    private readonly ids: Ids,
  ) {}

  /** The addresses of a user, oldest first. */
  of(userId: string): Promise<AddressRow[]> {
    return this.addresses.of(userId);
  }

  /** Adds an address; the first of its type becomes the default anyhow. */
  add(
    userId: string,
    type: AddressType,
    details: AddressDetails,
    asDefault: boolean,
  ): Promise<AddressRow> {
    const address = { ...checkedDetails(details), id: this.ids.next("adr"), type };
    return this.uow.run(async (tx) => {
      const known = await this.addresses.lockOf(tx, userId);
      if (known.length >= MAX_ADDRESSES) refuseWith("TOO_MANY_ADDRESSES");
      const first = !known.some((other) => other.type === type);
      const row = { ...address, isDefault: first };
      await this.addresses.add(tx, userId, row);
      if (asDefault && !first) await this.addresses.makeDefault(tx, userId, row);
      return { ...row, isDefault: first || asDefault };
    });
  }

  /** Changes an address; what is left out stays as it is. @throws NOT_FOUND, also for somebody else's. */
  update(
    userId: string,
    addressId: string,
    change: { readonly [K in keyof AddressDetails]?: AddressDetails[K] | undefined },
  ): Promise<AddressRow> {
    return this.uow.run(async (tx) => {
      const known = await this.own(tx, userId, addressId);
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      const details = checkedDetails({ ...known, ...Object.fromEntries(given) });
      await this.addresses.update(tx, addressId, details);
      return { ...known, ...details };
    });
  }

  /** Removes an address; the newest of its type takes over as default. @throws NOT_FOUND, also for somebody else's. */
  remove(userId: string, addressId: string): Promise<void> {
    return this.uow.run(async (tx) => {
      const removed = await this.own(tx, userId, addressId);
      await this.addresses.remove(tx, addressId);
      const heir = (await this.addresses.lockOf(tx, userId)).findLast(
        ({ type }) => type === removed.type,
      );
      if (removed.isDefault && heir) await this.addresses.makeDefault(tx, userId, heir);
    });
  }

  /** Makes an address the default of its type. @throws NOT_FOUND, also for somebody else's. */
  setDefault(userId: string, addressId: string): Promise<AddressRow> {
    return this.uow.run(async (tx) => {
      const address = await this.own(tx, userId, addressId);
      await this.addresses.makeDefault(tx, userId, address);
      return { ...address, isDefault: true };
    });
  }

  private async own(tx: Tx, userId: string, addressId: string): Promise<AddressRow> {
    const known = await this.addresses.lockOf(tx, userId);
    const address = known.find(({ id }) => id === addressId);
    if (!address) throw notFound("The address");
    return address;
  }
}

function checkedDetails(details: AddressDetails): AddressDetails {
  const checked = Object.fromEntries(
    Object.keys(LENGTHS).map((name) => {
      const key = name as keyof AddressDetails;
      return [key, checkedText(key, details[key])];
    }),
  ) as unknown as AddressDetails;
  const country = checked.country.toUpperCase();
  if (!/^[A-Z]{2}$/.test(country) || regions.of(country) === undefined) {
    refuse(problem("INVALID_INPUT", "This is no country's code.", ["input", "country"]));
  }
  const phone = checked.phone === null ? null : parsePhone(checked.phone, ["input", "phone"]);
  return { ...checked, country, phone };
}

function checkedText(name: keyof AddressDetails, value: string | null): string | null {
  const text = value?.trim() ?? "";
  const max = LENGTHS[name];
  if ([...text].length > max || /\p{Cc}/u.test(text)) {
    refuse(problem("INVALID_INPUT", `At most ${max} plain characters.`, ["input", name]));
  }
  if (text !== "") return text;
  return OPTIONAL.has(name)
    ? null
    : refuse(problem("INVALID_INPUT", "This is needed.", ["input", name]));
}
