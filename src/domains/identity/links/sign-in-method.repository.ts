import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** What signs a user in. */
export type SignInMethod = "EMAIL" | "PHONE" | "GOOGLE" | "DEVICE";

/** What an account can take away again; a device stays. */
export type RemovableMethod = Exclude<SignInMethod, "DEVICE">;

export interface SignInMethods {
  readonly methods: readonly SignInMethod[];
  readonly passwordHash: string | null;
}

interface Row {
  readonly EMAIL: boolean;
  readonly PHONE: boolean;
  readonly GOOGLE: boolean;
  readonly DEVICE: boolean;
  readonly passwordHash: string | null;
}

const READ = `
  select u.email_verified_at is not null as "EMAIL", u.phone_verified_at is not null as "PHONE",
    exists (select from user_identities i where i.user_id = u.id and i.provider = 'GOOGLE') as "GOOGLE",
    exists (select from user_devices d where d.user_id = u.id) as "DEVICE", u.password_hash as "passwordHash"
  from users u where u.id = $1`;

const REMOVE: Readonly<Record<RemovableMethod, string>> = {
  // A password belongs to an address or a phone; without either it could only surprise later.
  EMAIL: `update users set email = null, email_verified_at = null, updated_at = now(),
    password_hash = case when phone is not null then password_hash end where id = $1`,
  PHONE: `update users set phone = null, phone_verified_at = null, updated_at = now(),
    password_hash = case when email is not null then password_hash end where id = $1`,
  GOOGLE: "delete from user_identities where user_id = $1 and provider = 'GOOGLE'",
};

/** Reads and takes away what signs a user in. */
export class SignInMethodRepository {
  constructor(private readonly database: Database) {}

  async find(userId: string): Promise<SignInMethods> {
    return fromRow((await this.database.query<Row>(READ, [userId], "identity.methods"))[0]);
  }

  /** As of now. Lock the user first, in a statement before: what waited for the lock would see the past. */
  async findLocked(tx: Tx, userId: string): Promise<SignInMethods> {
    return fromRow((await tx.query<Row>(READ, [userId]))[0]);
  }

  async remove(tx: Tx, userId: string, method: RemovableMethod): Promise<void> {
    await tx.execute(REMOVE[method], [userId]);
  }
}

const ALL = ["EMAIL", "PHONE", "GOOGLE", "DEVICE"] as const;

const fromRow = (row: Row | undefined): SignInMethods => ({
  methods: ALL.filter((method) => row?.[method]),
  passwordHash: row?.passwordHash ?? null,
});
