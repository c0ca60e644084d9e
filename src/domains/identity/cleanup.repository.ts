import type { Database } from "../../platform/db/database.ts";

const STATEMENTS = [
  "delete from refresh_tokens where expires_at < $1::timestamptz - interval '1 day'",
  `delete from sessions
   where ended_at < $1::timestamptz - interval '30 days' or expires_at < $1::timestamptz - interval '30 days'`,
  "delete from email_tokens where expires_at < $1::timestamptz - interval '7 days'",
  "delete from phone_codes where sent_at < $1::timestamptz - interval '1 day'",
  "delete from open_id_attempts where expires_at < $1::timestamptz - interval '1 day'",
  "delete from mail_outbox where created_at < $1::timestamptz - interval '30 days'",
  "delete from auth_events where created_at < $1::timestamptz - interval '180 days'",
];

/** Deletes rows of identity that nobody needs any more. */
export class CleanupRepository {
  constructor(private readonly database: Database) {}

  async deleteOld(at: Date): Promise<void> {
    for (const statement of STATEMENTS) await this.database.query(statement, [at]);
  }
}
