import { z } from "zod";
import { HttpClient } from "../../platform/http/http-client.ts";
import type { MailMessage, Mailer } from "../../platform/mail/mailer.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";

export interface BrevoOptions {
  /** Ends in `/v3`. */
  baseUrl: string;
  apiKey: string;
  from: { email: string; name: string };
  timeoutMs: number;
  guard: ProviderGuard;
}

const accepted = z.object({ messageId: z.string().optional() });

/**
 * Sends mail by Brevo's transactional API, `POST /smtp/email`. Never repeats by itself: a server
 * error may come after the mail was accepted, so the outbox decides.
 */
export class BrevoMailer implements Mailer {
  private readonly http: HttpClient;

  constructor(private readonly options: BrevoOptions) {
    this.http = new HttpClient({
      provider: "brevo",
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { "api-key": options.apiKey },
    });
  }

  async send(message: MailMessage): Promise<void> {
    const call = { operation: "send", repeatable: false, retries: 0 };
    await this.options.guard.run(call, (signal) =>
      this.http.json({
        method: "POST",
        path: "smtp/email",
        schema: accepted,
        signal,
        body: {
          sender: this.options.from,
          to: [{ email: message.to }],
          subject: message.subject,
          htmlContent: message.html,
          textContent: message.text,
          headers: { "Idempotency-Key": message.id },
        },
      }),
    );
  }
}
