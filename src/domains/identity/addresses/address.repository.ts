import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { unauthenticated } from "../../../platform/graphql/errors.ts";

export type AddressType = "SHIPPING" | "BILLING";

/** What a user says of an address. */
export interface AddressDetails {
  readonly firstName: string;
  readonly lastName: string;
  readonly company: string | null;
  readonly addressLine1: string;
  readonly addressLine2: string | null;
  readonly city: string;
  readonly state: string | null;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** E.164. */
  readonly phone: string | null;
}

export interface AddressRow extends AddressDetails {
  readonly id: string;
  readonly type: AddressType;
  readonly isDefault: boolean;
}

const DETAILS = {
  firstName: "first_name",
  lastName: "last_name",
  company: "company",
  addressLine1: "address_line1",
  addressLine2: "address_line2",
  city: "city",
  state: "state",
  postalCode: "postal_code",
  country: "country",
  phone: "phone",
} as const satisfies Record<keyof AddressDetails, string>;
const NAMES = Object.keys(DETAILS) as (keyof AddressDetails)[];
const COLUMNS = `id, type, is_default as "isDefault", ${NAMES.map((name) => `${DETAILS[name]} as "${name}"`).join(", ")}`;

/** Reads and writes `user_addresses`. */
export class AddressRepository {
  constructor(private readonly database: Database) {}

  /** The addresses of a user, oldest first. */
  of(userId: string): Promise<AddressRow[]> {
    return this.database.query<AddressRow>(
      `select ${COLUMNS} from user_addresses where user_id = $1 order by id`,
      [userId],
      "identity.addresses_of_user",
    );
  }

  /**
   * The same with the owner locked until the transaction ends: changes of one user come one after the other.
   * @throws UNAUTHENTICATED when the account was closed meanwhile.
   */
  async lockOf(tx: Tx, userId: string): Promise<AddressRow[]> {
    const owner = await tx.query(
      "select 1 from users where id = $1 and is_active for no key update",
      [userId],
    );
    if (owner.length === 0) throw unauthenticated("SESSION_ENDED");
    return tx.query<AddressRow>(
      `select ${COLUMNS} from user_addresses where user_id = $1 order by id`,
      [userId],
    );
  }

  async add(tx: Tx, userId: string, address: AddressRow): Promise<void> {
    const columns = NAMES.map((name) => DETAILS[name]);
    const places = NAMES.map((_, index) => `$${index + 5}`);
    await tx.execute(
      `insert into user_addresses (id, user_id, type, is_default, ${columns.join(", ")})
       values ($1, $2, $3, $4, ${places.join(", ")})`,
      [address.id, userId, address.type, address.isDefault, ...NAMES.map((name) => address[name])],
    );
  }

  async update(tx: Tx, id: string, details: AddressDetails): Promise<void> {
    const assignments = NAMES.map((name, index) => `${DETAILS[name]} = $${index + 2}`);
    await tx.execute(
      `update user_addresses set ${assignments.join(", ")}, updated_at = now() where id = $1`,
      [id, ...NAMES.map((name) => details[name])],
    );
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.execute("delete from user_addresses where id = $1", [id]);
  }

  /** Makes one address the default of its type. */
  async makeDefault(tx: Tx, userId: string, { id, type }: AddressRow): Promise<void> {
    // Two statements: within one, the unique index would see both defaults for a moment.
    await tx.execute(
      `update user_addresses set is_default = false
       where user_id = $1 and type = $2 and is_default and id <> $3`,
      [userId, type, id],
    );
    await tx.execute("update user_addresses set is_default = true where id = $1", [id]);
  }
}
