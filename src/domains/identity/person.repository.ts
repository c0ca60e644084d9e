import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";

/** A file that goes when its owner does. */
export interface PersonalFile {
  readonly key: string;
}

const EXPORTS = {
  profile: `select email, phone, first_name as "firstName", last_name as "lastName",
      date_of_birth::text as "dateOfBirth", gender, skin_type as "skinType", language, time_zone as "timeZone", role,
      email_verified_at as "emailVerifiedAt", phone_verified_at as "phoneVerifiedAt",
      total_orders as "totalOrders", total_spent as "totalSpent", avg_rating as "avgRating",
      created_at as "createdAt", updated_at as "updatedAt"
    from users where id = $1`,
  addresses: `select type, first_name as "firstName", last_name as "lastName", company,
      address_line1 as "addressLine1", address_line2 as "addressLine2", city, state,
      postal_code as "postalCode", country, phone, is_default as "isDefault", created_at as "createdAt"
    from user_addresses where user_id = $1 order by id`,
  externalSignIns: `select provider, subject, created_at as "linkedAt" from user_identities
    where user_id = $1 order by created_at`,
  devices: `select device_id as "deviceId", platform, created_at as "createdAt",
      last_used_at as "lastUsedAt" from user_devices where user_id = $1 order by id`,
  sessions: `select ip, user_agent as "userAgent", created_at as "openedAt",
      last_used_at as "lastUsedAt", ended_at as "endedAt" from sessions where user_id = $1 order by id`,
  signInEvents: `select action, outcome, ip, user_agent as "userAgent", created_at as "at"
    from auth_events where user_id = $1 order by id`,
  uploads: `select id, purpose, content_type as "contentType", byte_size as "byteSize", status,
      created_at as "createdAt" from uploads where user_id = $1 order by id`,
  mergedGuests: `select guest_id as "guest", merged, created_at as "at" from account_merges
    where user_id = $1 order by created_at`,
} as const;

const MOVES = {
  addresses: `update user_addresses a set user_id = $2, is_default = is_default and not exists (
      select from user_addresses o where o.user_id = $2 and o.type = a.type and o.is_default)
    where user_id = $1`,
  devices: "update user_devices set user_id = $2 where user_id = $1",
  uploads: "update uploads set user_id = $2 where user_id = $1",
  sessions: "update sessions set user_id = $2 where user_id = $1",
  signInEvents: "update auth_events set user_id = $2 where user_id = $1",
} as const;

/** What a guest has said of itself fills what the account has left open. */
const FILL_PROFILE = `
  update users u set first_name = coalesce(nullif(u.first_name, ''), g.first_name),
    last_name = coalesce(nullif(u.last_name, ''), g.last_name),
    date_of_birth = coalesce(u.date_of_birth, g.date_of_birth),
    gender = coalesce(u.gender, g.gender),
    time_zone = coalesce(u.time_zone, g.time_zone),
    time_zone_set_at = greatest(u.time_zone_set_at, g.time_zone_set_at),
    profile_picture = coalesce(u.profile_picture, g.profile_picture),
    total_orders = u.total_orders + g.total_orders, total_spent = u.total_spent + g.total_spent,
    updated_at = now()
  from users g where u.id = $2 and g.id = $1
  returning case when u.profile_picture is distinct from g.profile_picture
    then g.profile_picture end as "key"`;

/** What waits for an answer would reach an account that is gone. */
const PENDING = [
  "delete from email_tokens where user_id = $1",
  "delete from phone_codes where user_id = $1",
  "delete from open_id_attempts where user_id = $1",
];

const WAYS_IN = [
  ...PENDING,
  "delete from user_identities where user_id = $1",
  "delete from user_devices where user_id = $1",
];

const BLANK = `email = null, phone = null, password_hash = null, first_name = '', last_name = '',
  date_of_birth = null, gender = null, skin_type = 'NORMAL', time_zone = null, email_verified_at = null,
  phone_verified_at = null, is_active = false, updated_at = now()`;

const ERASURES = [
  ...WAYS_IN,
  "delete from user_addresses where user_id = $1",
  "delete from account_merges where user_id = $1",
  "delete from uploads where user_id = $1",
  "delete from refresh_tokens t using sessions s where s.id = t.session_id and s.user_id = $1",
  // The rows stay until the tokens of the sessions have expired: they keep them shut.
  "update sessions set ip = '', user_agent = null where user_id = $1",
  "update auth_events set ip = '', user_agent = null, subject_hash = null where user_id = $1",
  `update users set ${BLANK}, profile_picture = null, language = 'EN' where id = $1`,
];

/** Reads, moves and erases everything that identity's tables know of a person. */
export class PersonRepository {
  constructor(private readonly database: Database) {}

  /** Everything but hashes, secrets and keys of files. */
  async export(userId: string): Promise<Record<string, unknown>> {
    const parts: Record<string, unknown> = {};
    for (const [name, statement] of Object.entries(EXPORTS)) {
      const rows = await this.database.query(statement, [userId]);
      parts[name] = name === "profile" ? (rows[0] ?? null) : rows;
    }
    return parts;
  }

  /** Makes everything of a guest another account's. The counts are for people to read. */
  async merge(
    tx: Tx,
    { fromUserId, toUserId }: { readonly fromUserId: string; readonly toUserId: string },
  ): Promise<{ counts: Record<string, number>; replacedPicture: string | null }> {
    for (const statement of PENDING) await tx.execute(statement, [fromUserId]);
    const moved: Record<string, number> = {};
    for (const [name, statement] of Object.entries(MOVES)) {
      moved[name] = await tx.execute(statement, [fromUserId, toUserId]);
    }
    const filled = await tx.query<{ key: string | null }>(FILL_PROFILE, [fromUserId, toUserId]);
    const { addresses = 0, devices = 0, uploads = 0 } = moved;
    return { counts: { addresses, devices, uploads }, replacedPicture: filled[0]?.key ?? null };
  }

  /** Leaves of a merged guest a row that says where it went. */
  async closeMerged(tx: Tx, guestId: string, accountId: string): Promise<void> {
    await tx.execute(
      `update users set ${BLANK}, profile_picture = null, merged_into = $2, total_orders = 0,
         total_spent = 0, avg_rating = null where id = $1`,
      [guestId, accountId],
    );
  }

  /** Closes an account: nothing signs it in any more, and its address and phone are free again. */
  async closeDeleted(tx: Tx, userId: string, at: Date): Promise<void> {
    for (const statement of WAYS_IN) await tx.execute(statement, [userId]);
    await tx.execute(`update users set ${BLANK}, deleted_at = $2 where id = $1`, [userId, at]);
  }

  /** Keys of the files that a person has sent. */
  async files(userId: string): Promise<string[]> {
    const rows = await this.database.query<PersonalFile>(
      `select key from uploads where user_id = $1 and bytes_removed_at is null
       union all select profile_picture from users where id = $1 and profile_picture is not null`,
      [userId],
    );
    return rows.map(({ key }) => key);
  }

  /** Erases what is left of a closed account. */
  async erase(tx: Tx, userId: string): Promise<void> {
    for (const statement of ERASURES) await tx.execute(statement, [userId]);
  }

  /** Erases what is not found by the user's id: rows by address and phone, and tries to sign in before one was known. */
  async eraseTraces(
    tx: Tx,
    traces: { readonly email: string | null; readonly phone: string | null; subjects: string[] },
  ): Promise<void> {
    await tx.execute("delete from mail_outbox where lower(to_address) = lower($1)", [traces.email]);
    await tx.execute("delete from phone_codes where phone = $1", [traces.phone]);
    await tx.execute(
      `update auth_events set ip = '', user_agent = null, subject_hash = null
       where subject_hash = any($1)`,
      [traces.subjects],
    );
  }

  /** Records that nothing of the person is left. */
  async markErased(tx: Tx, userId: string, at: Date): Promise<void> {
    await tx.execute("update users set erased_at = $2 where id = $1", [userId, at]);
  }
}
