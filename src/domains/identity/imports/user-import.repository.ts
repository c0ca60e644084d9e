import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { ImportColumn, ImportedUser } from "./import-row.ts";

/** A user with the id that it is to have. */
export type NewUser = ImportedUser & { readonly id: string };

const TAKEN = `
  select i.id, case
      when exists (select from users u where lower(u.email) = lower(i.email)) then 'email'
      when exists (select from users u where u.phone = i.phone) then 'phone'
      when exists (select from user_identities g where g.provider = 'GOOGLE' and g.subject = i.subject)
        then 'google_subject'
    end as "by"
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as i (id, email, phone, subject)`;

const ADD = `
  insert into users (id, email, phone, password_hash, first_name, last_name, date_of_birth, gender, skin_type,
    language, email_verified_at, phone_verified_at, created_at)
  select id, email, phone, hash, first_name, last_name, birth, gender, skin_type, language,
    case when email_verified then at end, case when phone is not null then at end, at
  from (select *, coalesce(created, now()) as at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[],
      $9::text[], $10::text[], $11::boolean[], $12::timestamptz[])
      as i (id, email, phone, hash, first_name, last_name, birth, gender, skin_type, language, email_verified, created)
  ) i
  on conflict do nothing returning id`;

/** Adds many users at once; each method is one statement, however many they are. */
export class UserImportRepository {
  constructor(private readonly database: Database) {}

  /** By the ids of those users who cannot be added: the column by which an account has them already. */
  async taken(users: readonly NewUser[]): Promise<Map<string, ImportColumn>> {
    const rows = await this.database.query<{ id: string; by: ImportColumn | null }>(TAKEN, [
      users.map(({ id }) => id),
      users.map(({ email }) => email),
      users.map(({ phone }) => phone),
      users.map(({ googleSubject }) => googleSubject),
    ]);
    return new Map(rows.flatMap(({ id, by }) => (by === null ? [] : [[id, by] as const])));
  }

  /** Adds those whose address and phone are free; returns their ids. */
  async add(tx: Tx, users: readonly NewUser[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(ADD, [
      users.map(({ id }) => id),
      users.map(({ email }) => email),
      users.map(({ phone }) => phone),
      users.map(({ passwordHash }) => passwordHash),
      users.map(({ firstName }) => firstName),
      users.map(({ lastName }) => lastName),
      users.map(({ dateOfBirth }) => dateOfBirth),
      users.map(({ gender }) => gender),
      users.map(({ skinType }) => skinType),
      users.map(({ language }) => language),
      users.map(({ emailVerified }) => emailVerified),
      users.map(({ createdAt }) => createdAt),
    ]);
    return rows.map(({ id }) => id);
  }

  /** Links users to their Google accounts; returns the ids of those whose account was free. */
  async link(tx: Tx, users: readonly NewUser[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `insert into user_identities (provider, subject, user_id)
       select 'GOOGLE', subject, id from unnest($1::text[], $2::text[]) as i (subject, id)
       on conflict do nothing returning user_id as id`,
      [users.map(({ googleSubject }) => googleSubject), users.map(({ id }) => id)],
    );
    return rows.map(({ id }) => id);
  }

  /** Takes back what the same transaction has added. */
  async takeBack(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.execute("delete from users where id = any($1)", [ids]);
  }
}
