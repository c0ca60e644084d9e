import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** What the right code allows. */
export type PhoneCodePurpose = "SIGN_UP" | "SIGN_IN" | "RESET_PASSWORD" | "LINK";

export interface NewPhoneCode {
  readonly phone: string;
  readonly purpose: PhoneCodePurpose;
  /** Null when nothing is sent: no code fits then. */
  readonly codeHash: string | null;
  /** The password that becomes valid with the code. */
  readonly passwordHash: string | null;
  /** Who asked, when the code links a phone to a user. */
  readonly userId: string | null;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** How often one phone may be sent a code. */
export interface PhoneCodePace {
  readonly pauseSeconds: number;
  readonly perHour: number;
}

export interface PhoneCode {
  readonly purpose: PhoneCodePurpose;
  readonly codeHash: string | null;
  readonly passwordHash: string | null;
  readonly userId: string | null;
  readonly tries: number;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

/** Reads and writes `phone_codes`: one row per phone, so that a new code voids the one before. */
export class PhoneCodeRepository {
  /** Replaces the code of a phone. Returns 0, or the milliseconds to wait when it is too early for another. */
  async replace(tx: Tx, code: NewPhoneCode, pace: PhoneCodePace): Promise<number> {
    const values = [
      code.phone,
      code.purpose,
      code.codeHash,
      code.passwordHash,
      code.userId,
      code.at,
      code.expiresAt,
      pace.pauseSeconds,
      pace.perHour,
    ];
    const replaced = await tx.execute(
      `insert into phone_codes as c
         (phone, purpose, code_hash, password_hash, user_id, sent_at, expires_at, hour_started_at)
       values ($1, $2, $3, $4, $5, $6, $7, $6)
       on conflict (phone) do update set
         purpose = excluded.purpose, code_hash = excluded.code_hash,
         password_hash = excluded.password_hash, user_id = excluded.user_id,
         tries = 0, sent_at = excluded.sent_at, expires_at = excluded.expires_at, used_at = null,
         hour_started_at = case when c.hour_started_at <= $6::timestamptz - interval '1 hour'
           then excluded.hour_started_at else c.hour_started_at end,
         sends_in_hour = case when c.hour_started_at <= $6::timestamptz - interval '1 hour'
           then 1 else c.sends_in_hour + 1 end
       where c.sent_at <= $6::timestamptz - make_interval(secs => $8)
         and (c.sends_in_hour < $9 or c.hour_started_at <= $6::timestamptz - interval '1 hour')`,
      values,
    );
    return replaced === 1 ? 0 : this.waitOf(tx, code, pace);
  }

  /** The code of a phone, locked until the transaction ends: tries at the same moment come one after the other. */
  async lock(tx: Tx, phone: string): Promise<PhoneCode | null> {
    const rows = await tx.query<PhoneCode>(
      `select purpose, code_hash as "codeHash", password_hash as "passwordHash",
         user_id as "userId", tries, expires_at as "expiresAt", used_at as "usedAt"
       from phone_codes where phone = $1 for update`,
      [phone],
    );
    return rows[0] ?? null;
  }

  /** Counts a try. @param usedAt Set when it was the right code, which is used up by it. */
  async countTry(tx: Tx, phone: string, usedAt: Date | null): Promise<void> {
    await tx.execute(
      `update phone_codes set tries = tries + 1, used_at = coalesce($2, used_at),
         password_hash = case when $2::timestamptz is null then password_hash end
       where phone = $1`,
      [phone, usedAt],
    );
  }

  private async waitOf(tx: Tx, { phone, at }: NewPhoneCode, pace: PhoneCodePace): Promise<number> {
    const rows = await tx.query<{ sentAt: Date; hourStartedAt: Date; sends: number }>(
      `select sent_at as "sentAt", hour_started_at as "hourStartedAt", sends_in_hour as sends
       from phone_codes where phone = $1`,
      [phone],
    );
    const row = rows[0];
    if (!row) return 1;
    const pauseEnds = row.sentAt.getTime() + pace.pauseSeconds * 1_000;
    const hourEnds = row.sends < pace.perHour ? 0 : row.hourStartedAt.getTime() + 3_600_000;
    return Math.max(1, Math.max(pauseEnds, hourEnds) - at.getTime());
  }
}
