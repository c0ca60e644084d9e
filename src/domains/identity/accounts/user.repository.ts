import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Language, Role } from "../../../platform/graphql/context.ts";
import { unauthenticated } from "../../../platform/graphql/errors.ts";
import type { Gender, SkinType } from "./user.vocabulary.ts";

/** A user as other parts may see one: without anything secret. */
export interface User {
  readonly id: string;
  /** Null for guests and for accounts by phone alone. */
  readonly email: string | null;
  readonly phone: string | null;
  readonly firstName: string;
  readonly lastName: string;
  /** YYYY-MM-DD. */
  readonly dateOfBirth: string | null;
  readonly gender: Gender | null;
  readonly skinType: SkinType;
  readonly language: Language;
  /** IANA name, such as Asia/Phnom_Penh; null when it is not known. */
  readonly timeZone: string | null;
  /** Where the picture lies in the blob store. */
  readonly profilePicture: string | null;
  readonly role: Role;
  readonly isActive: boolean;
  readonly emailVerifiedAt: Date | null;
  readonly phoneVerifiedAt: Date | null;
  readonly createdAt: Date;
}

/** A user with the hash of the password. */
export type Credentials = User & { readonly passwordHash: string | null };

/** What a user may change; what is left out stays as it is. */
export interface ProfileChange {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly language?: Language | undefined;
  readonly skinType?: SkinType | undefined;
  readonly dateOfBirth?: string | null | undefined;
  readonly gender?: Gender | null | undefined;
}

/** A new account that signs in by e-mail. */
export interface EmailAccount {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: Language;
}

const COLUMNS = `u.id, u.email, u.phone, u.first_name as "firstName", u.last_name as "lastName",
  u.date_of_birth::text as "dateOfBirth", u.gender, u.skin_type as "skinType", u.language, u.time_zone as "timeZone", u.profile_picture as "profilePicture", u.role,
  u.is_active as "isActive", u.email_verified_at as "emailVerifiedAt",
  u.phone_verified_at as "phoneVerifiedAt", u.created_at as "createdAt"`;

const PROFILE_COLUMNS = {
  firstName: "first_name",
  lastName: "last_name",
  language: "language",
  skinType: "skin_type",
  dateOfBirth: "date_of_birth",
  gender: "gender",
} as const satisfies Record<keyof ProfileChange, string>;

/** Reads and writes `users`. */
export class UserRepository {
  constructor(private readonly database: Database) {}

  /** @param tx to read in a transaction */
  byIds(ids: readonly string[], tx?: Tx): Promise<User[]> {
    const text = `select ${COLUMNS} from users u where u.id = any($1)`;
    if (tx) return tx.query<User>(text, [ids]);
    return this.database.query<User>(text, [ids], "identity.users_by_id");
  }

  /** The user of an address with the password's hash, whatever the case of the address. */
  credentialsByEmail(email: string): Promise<Credentials | null> {
    return this.credentials("lower(u.email) = lower($1)", email, "identity.credentials_by_email");
  }

  /** The user of a phone with the password's hash. */
  credentialsByPhone(phone: string): Promise<Credentials | null> {
    return this.credentials("u.phone = $1", phone, "identity.credentials_by_phone");
  }

  private async credentials(
    condition: string,
    value: string,
    name: string,
  ): Promise<Credentials | null> {
    const rows = await this.database.query<Credentials>(
      `select ${COLUMNS}, u.password_hash as "passwordHash" from users u where ${condition}`,
      [value],
      name,
    );
    return rows[0] ?? null;
  }

  /** Like `byIds` of an address, with the row locked until the transaction ends. */
  async lockByEmail(tx: Tx, email: string): Promise<User | null> {
    const rows = await tx.query<User>(
      `select ${COLUMNS} from users u where lower(u.email) = lower($1) for no key update`,
      [email],
    );
    return rows[0] ?? null;
  }

  /** False when the address is taken. */
  async addWithEmail(tx: Tx, account: EmailAccount): Promise<boolean> {
    const added = await tx.execute(
      `insert into users (id, email, password_hash, first_name, last_name, language)
       values ($1, $2, $3, $4, $5, $6) on conflict (lower(email)) do nothing`,
      valuesOf(account),
    );
    return added === 1;
  }

  /** Registers an address again that nobody has verified yet: what was entered last counts. */
  async replaceUnverified(tx: Tx, account: EmailAccount): Promise<void> {
    await tx.execute(
      `update users set email = $2, password_hash = $3, first_name = $4, last_name = $5,
         language = $6, updated_at = now()
       where id = $1 and email_verified_at is null`,
      valuesOf(account),
    );
  }

  async addGuest(tx: Tx, guest: { id: string; language: Language }): Promise<User> {
    const rows = await tx.query<User>(
      `insert into users as u (id, language) values ($1, $2) returning ${COLUMNS}`,
      [guest.id, guest.language],
    );
    return rows[0]!;
  }

  /** Confirms an address with the password that was chosen with it; null when the address changed since. */
  async verifyEmail(
    tx: Tx,
    change: { userId: string; email: string; passwordHash: string | null; at: Date },
  ): Promise<User | null> {
    const rows = await tx.query<User>(
      `update users u set email_verified_at = coalesce(email_verified_at, $4),
         password_hash = coalesce($3, password_hash), updated_at = now()
       where id = $1 and lower(email) = lower($2) returning ${COLUMNS}`,
      [change.userId, change.email, change.passwordHash, change.at],
    );
    return rows[0] ?? null;
  }

  /** A user with the row locked until the transaction ends. */
  async lock(tx: Tx, userId: string): Promise<User | null> {
    const rows = await tx.query<User>(
      `select ${COLUMNS} from users u where u.id = $1 for no key update`,
      [userId],
    );
    return rows[0] ?? null;
  }

  /** Adds an account without a password whose address is known to be its owner's; null when it is taken. */
  async addWithVerifiedEmail(
    tx: Tx,
    account: Omit<EmailAccount, "passwordHash"> & { at: Date },
  ): Promise<User | null> {
    const { id, email, firstName, lastName, language, at } = account;
    const rows = await tx.query<User>(
      `insert into users as u (id, email, first_name, last_name, language, email_verified_at)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (lower(email)) do nothing returning ${COLUMNS}`,
      [id, email, firstName, lastName, language, at],
    );
    return rows[0] ?? null;
  }

  /** Hands an account that waits for its verification to the owner of the address, without its password. */
  async takeOverUnverified(tx: Tx, userId: string, at: Date): Promise<User | null> {
    const rows = await tx.query<User>(
      `update users u set email_verified_at = $2, password_hash = null, updated_at = now()
       where id = $1 and email_verified_at is null returning ${COLUMNS}`,
      [userId, at],
    );
    return rows[0] ?? null;
  }

  /** Lets one transaction after the other give an address to an account, until it ends. */
  async lockAddress(tx: Tx, email: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('address ' || lower($1), 0))", [
      email,
    ]);
  }

  /**
   * Deletes an account that was registered for an address, never verified and therefore never used, so that the
   * address' owner can have it.
   */
  async deleteUnverified(tx: Tx, email: string): Promise<void> {
    await tx.execute(
      `delete from users u where lower(email) = lower($1) and email_verified_at is null
         and phone is null and not exists (select 1 from sessions s where s.user_id = u.id)
         and not exists (select 1 from user_devices d where d.user_id = u.id)`,
      [email],
    );
  }

  /** Gives a verified address to an account without one; the password only if there is none. */
  async linkEmail(
    tx: Tx,
    link: { userId: string; email: string; passwordHash: string | null; at: Date },
  ): Promise<User | null> {
    const rows = await tx.query<User>(
      `update users u set email = $2, email_verified_at = $4,
         password_hash = coalesce(password_hash, $3), updated_at = now()
       where id = $1 and email is null returning ${COLUMNS}`,
      [link.userId, link.email, link.passwordHash, link.at],
    );
    return rows[0] ?? null;
  }

  /** Gives a verified phone to an account without one; false when it has one. */
  async linkPhone(tx: Tx, userId: string, phone: string, at: Date): Promise<boolean> {
    const changed = await tx.execute(
      `update users set phone = $2, phone_verified_at = $3, updated_at = now()
       where id = $1 and phone is null`,
      [userId, phone, at],
    );
    return changed === 1;
  }

  async findByPhone(tx: Tx, phone: string): Promise<User | null> {
    const rows = await tx.query<User>(`select ${COLUMNS} from users u where u.phone = $1`, [phone]);
    return rows[0] ?? null;
  }

  /** Adds the account of a phone; one that there is stays as it is. */
  async addWithPhone(
    tx: Tx,
    account: { id: string; phone: string; passwordHash: string | null },
  ): Promise<void> {
    await tx.execute(
      `insert into users (id, phone, password_hash) values ($1, $2, $3)
       on conflict (phone) do nothing`,
      [account.id, account.phone, account.passwordHash],
    );
  }

  /** Records that a phone was seen in its owner's hands; null when no account has it. */
  async verifyPhone(
    tx: Tx,
    phone: string,
    at: Date,
    passwordHash: string | null = null,
  ): Promise<User | null> {
    const rows = await tx.query<User>(
      `update users u set phone_verified_at = coalesce(phone_verified_at, $2),
         password_hash = coalesce($3, password_hash), updated_at = now()
       where phone = $1 returning ${COLUMNS}`,
      [phone, at, passwordHash],
    );
    return rows[0] ?? null;
  }

  /** The hash of a user's password, null without one. */
  async passwordHashOf(userId: string): Promise<string | null> {
    const rows = await this.database.query<{ passwordHash: string | null }>(
      `select password_hash as "passwordHash" from users where id = $1`,
      [userId],
    );
    return rows[0]?.passwordHash ?? null;
  }

  /** Sets a password if the present one is still `was`; of several callers at once only one succeeds. */
  async changePassword(
    tx: Tx,
    change: { userId: string; was: string; passwordHash: string },
  ): Promise<boolean> {
    const changed = await tx.execute(
      `update users set password_hash = $3, updated_at = now()
       where id = $1 and password_hash = $2 and is_active`,
      [change.userId, change.was, change.passwordHash],
    );
    return changed === 1;
  }

  /** Puts a hash of the same password in the place of `was`, if that is still there. */
  async replaceHash(
    tx: Tx,
    change: { userId: string; was: string; passwordHash: string },
  ): Promise<void> {
    await tx.execute("update users set password_hash = $3 where id = $1 and password_hash = $2", [
      change.userId,
      change.was,
      change.passwordHash,
    ]);
  }

  /**
   * Sets or removes the picture of a user; returns the key of the one before.
   * @throws UNAUTHENTICATED when the account was closed meanwhile.
   */
  async replacePicture(tx: Tx, userId: string, key: string | null): Promise<string | null> {
    const rows = await tx.query<{ before: string | null }>(
      `update users u set profile_picture = $2, updated_at = now()
       from (select profile_picture from users where id = $1 and is_active for no key update) old
       where u.id = $1 returning old.profile_picture as before`,
      [userId, key],
    );
    if (!rows[0]) throw unauthenticated("SESSION_ENDED");
    return rows[0].before;
  }

  async updateProfile(tx: Tx, userId: string, change: ProfileChange): Promise<void> {
    const given = Object.entries<unknown>({ ...change }).filter(([, value]) => value !== undefined);
    const assignments = given.map(([name], index) => {
      return `${PROFILE_COLUMNS[name as keyof ProfileChange]} = $${index + 2}`;
    });
    await tx.execute(
      `update users set ${[...assignments, "updated_at = now()"].join(", ")} where id = $1 and is_active`,
      [userId, ...given.map(([, value]) => value)],
    );
  }

  /** Adds a verified account unless its address is taken. */
  async addVerified(tx: Tx, account: EmailAccount & { role: Role }): Promise<void> {
    await tx.execute(
      `insert into users
         (id, email, password_hash, first_name, last_name, language, role, email_verified_at)
       values ($1, $2, $3, $4, $5, $6, $7, now()) on conflict (lower(email)) do nothing`,
      [...valuesOf(account), account.role],
    );
  }
}

const valuesOf = (account: EmailAccount): unknown[] => [
  account.id,
  account.email,
  account.passwordHash,
  account.firstName,
  account.lastName,
  account.language,
];
