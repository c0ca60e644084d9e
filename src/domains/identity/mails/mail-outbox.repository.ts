import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** A mail whose turn to be sent it is. */
export interface DueMail {
  readonly id: string;
  readonly to: string;
  readonly sealedMail: string;
  /** Counts this try as well. */
  readonly attempts: number;
}

/** Tries for one mail, and the pauses after each; the first pause also covers a process that died while sending. */
export const MAX_MAIL_ATTEMPTS = 5;
const PAUSES = "array[interval '1 minute', '5 minutes', '30 minutes', '2 hours', '6 hours']";

const CLAIM = `update mail_outbox m
  set attempts = m.attempts + 1, next_attempt_at = $1::timestamptz + (${PAUSES})[m.attempts + 1]
  from due where m.id = due.id
  returning m.id, m.to_address as "to", m.sealed_mail as "sealedMail", m.attempts`;

/** Reads and writes `mail_outbox`. */
export class MailOutboxRepository {
  constructor(private readonly database: Database) {}

  async add(
    tx: Tx,
    mail: { id: string; to: string; sealedMail: string; nextAttemptAt: Date },
  ): Promise<void> {
    await tx.execute(
      `insert into mail_outbox (id, to_address, sealed_mail, next_attempt_at)
       values ($1, $2, $3, $4)`,
      [mail.id, mail.to, mail.sealedMail, mail.nextAttemptAt],
    );
  }

  /** Takes a mail for sending; null when somebody else has it, or it is done. */
  async claim(id: string, at: Date): Promise<DueMail | null> {
    const rows = await this.database.query<DueMail>(
      `with due as (
         select id from mail_outbox
         where id = $2 and sealed_mail is not null and next_attempt_at <= $1
         for update skip locked
       ) ${CLAIM}`,
      [at, id],
    );
    return rows[0] ?? null;
  }

  /** Takes mails whose turn has come. */
  claimDue(at: Date, limit: number): Promise<DueMail[]> {
    return this.database.query<DueMail>(
      `with due as (
         select id from mail_outbox
         where sealed_mail is not null and next_attempt_at <= $1
         order by next_attempt_at limit $2 for update skip locked
       ) ${CLAIM}`,
      [at, limit],
    );
  }

  /** Records that a mail went out; its text is forgotten. */
  async markSent(id: string, at: Date): Promise<void> {
    await this.database.query(
      `update mail_outbox set sent_at = $2, sealed_mail = null, last_error = null where id = $1`,
      [id, at],
    );
  }

  /** Records a failed try. @param final There will be no other: the text is forgotten. */
  async markFailed(id: string, error: string, final: boolean): Promise<void> {
    await this.database.query(
      `update mail_outbox set last_error = $2,
         sealed_mail = case when $3 then null else sealed_mail end
       where id = $1`,
      [id, error, final],
    );
  }
}
