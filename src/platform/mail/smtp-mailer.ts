import { createTransport } from "nodemailer";
import { connectionError } from "../resilience/classify.ts";
import {
  PROVIDER_CODES,
  ProviderError,
  type ProviderOutcome,
} from "../resilience/provider-error.ts";
import type { MailMessage, Mailer } from "./mailer.ts";

export interface SmtpMailerOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  url: string;
  from: { email: string; name: string };
  /** Limit for connecting, and for each answer of the server. */
  timeoutMs: number;
}

/** What nodemailer adds to its errors. */
interface SmtpFault {
  readonly code?: string;
  /** Absent when the connection broke. */
  readonly responseCode?: number;
}

const PROVIDER = "smtp";

/**
 * Sends mail by SMTP (RFC 5321), one connection each, so that nothing stays open. The Message-ID is made of the mail's id: a
 * mail that is sent again after a lost answer can be recognised as the same.
 */
export class SmtpMailer implements Mailer {
  private readonly transport;

  constructor(private readonly options: SmtpMailerOptions) {
    const { timeoutMs } = options;
    this.transport = createTransport({
      url: options.url,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    });
  }

  async send(message: MailMessage): Promise<void> {
    const { from } = this.options;
    try {
      await this.transport.sendMail({
        from: { name: from.name, address: from.email },
        to: message.to,
        subject: message.subject,
        text: message.text,
        html: message.html,
        messageId: `<${message.id}@${from.email.split("@")[1] ?? "localhost"}>`,
      });
    } catch (error) {
      throw smtpError(error as SmtpFault);
    }
  }
}

/** 4yz passes by, 5yz does not (RFC 5321 §4.2.1); a connection lost on the way may have delivered. */
function smtpError(error: SmtpFault): ProviderError {
  const { code, responseCode } = error;
  if (responseCode === undefined) return connectionError(PROVIDER, error, false);
  const fault = (outcome: ProviderOutcome, publicCode: string, message: string) =>
    new ProviderError({
      provider: PROVIDER,
      outcome,
      code: publicCode,
      message,
      status: responseCode,
    });
  if (code === "EAUTH") {
    return fault("misconfigured", PROVIDER_CODES.misconfigured, "The mail server refused us.");
  }
  return responseCode >= 500
    ? fault("refused_input", PROVIDER_CODES.rejected, "The mail server refused the mail.")
    : fault("retryable", PROVIDER_CODES.unavailable, "The mail server is not ready.");
}
