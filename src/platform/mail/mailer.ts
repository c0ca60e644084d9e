/** One mail to one person. */
export interface MailMessage {
  /** Id of the outbox row; the same id means the same mail. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Sends a mail once. Throws ProviderError; the caller's outbox decides about repeating. */
export interface Mailer {
  send(message: MailMessage): Promise<void>;
}
