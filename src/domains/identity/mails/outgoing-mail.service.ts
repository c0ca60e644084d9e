import type { Clock } from "../../../platform/clock/clock.ts";
import { SealedText } from "../../../platform/crypto/sealed-text.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Mailer } from "../../../platform/mail/mailer.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import {
  MAX_MAIL_ATTEMPTS,
  type DueMail,
  type MailOutboxRepository,
} from "./mail-outbox.repository.ts";

/** A mail without its receiver. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface OutgoingMailDeps {
  readonly outbox: MailOutboxRepository;
  readonly mailer: Mailer;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Logger;
  readonly secretKey: string;
}

const BATCH = 50;

/** Sends mails that were decided in a transaction: after its commit, and again until they are out. */
export class OutgoingMailService {
  // Mails hold links that open accounts, so a copy of the table must not be enough to read them.
  private readonly sealed: SealedText;

  constructor(private readonly deps: OutgoingMailDeps) {
    this.sealed = new SealedText(deps.secretKey, "mail outbox");
  }

  /** Puts a mail into the outbox; it is sent in the background once the transaction has committed. */
  async enqueue(tx: Tx, to: string, mail: MailText): Promise<void> {
    const { outbox, ids, clock, log } = this.deps;
    const id = ids.next("mai");
    const sealedMail = this.sealed.seal(JSON.stringify(mail));
    await outbox.add(tx, { id, to, sealedMail, nextAttemptAt: clock.now() });
    tx.afterCommit(() => {
      this.sendNow(id).catch((error: unknown) => {
        log.warn({ err: error, mailId: id }, "a mail has to wait for its next turn");
      });
    });
  }

  /** Sends what is due; safe to run in several processes at once. */
  async sendDue(): Promise<void> {
    for (;;) {
      const due = await this.deps.outbox.claimDue(this.deps.clock.now(), BATCH);
      for (const mail of due) await this.send(mail);
      if (due.length < BATCH) return;
    }
  }

  private async sendNow(id: string): Promise<void> {
    const mail = await this.deps.outbox.claim(id, this.deps.clock.now());
    if (mail) await this.send(mail);
  }

  private async send(mail: DueMail): Promise<void> {
    const { outbox, mailer, clock, log } = this.deps;
    try {
      const text = JSON.parse(this.sealed.open(mail.sealedMail)) as MailText;
      await mailer.send({ id: mail.id, to: mail.to, ...text });
    } catch (error) {
      const hopeless = error instanceof ProviderError && error.outcome === "refused_input";
      const final = hopeless || mail.attempts >= MAX_MAIL_ATTEMPTS;
      const reason = error instanceof ProviderError ? error.code : "FAILED";
      log.warn({ err: error, mailId: mail.id, final }, "a mail could not be sent");
      await outbox.markFailed(mail.id, reason, final);
      return;
    }
    await outbox.markSent(mail.id, clock.now());
  }
}
