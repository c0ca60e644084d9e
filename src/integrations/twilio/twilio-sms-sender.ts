import { z } from "zod";
import { HttpClient } from "../../platform/http/http-client.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import type { SmsMessage, SmsSender } from "../../platform/sms/sms-sender.ts";

export interface TwilioOptions {
  /** Without the version, such as `https://api.twilio.com`. */
  baseUrl: string;
  accountSid: string;
  authToken: string;
  /** A number in E.164, or the id of a messaging service (`MG…`). */
  from: string;
  timeoutMs: number;
  guard: ProviderGuard;
}

const accepted = z.object({ sid: z.string(), error_code: z.number().nullish() });
const errorBody = z.object({ code: z.number() });

/** The receiver is no mobile number, cannot be reached, or has asked for no messages. */
const BAD_RECEIVER = new Set([
  21211, 21214, 21217, 21408, 21610, 21612, 21614, 30003, 30005, 30006,
]);

/**
 * Sends text messages by Twilio's Messages API, `POST /2010-04-01/Accounts/{sid}/Messages.json` with a form as body.
 * Never repeats by itself: each accepted request is a paid message.
 */
export class TwilioSmsSender implements SmsSender {
  private readonly http: HttpClient;
  private readonly sender: Record<string, string>;

  constructor(private readonly options: TwilioOptions) {
    const credentials = Buffer.from(`${options.accountSid}:${options.authToken}`).toString(
      "base64",
    );
    this.http = new HttpClient({
      provider: "twilio",
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { authorization: `Basic ${credentials}` },
    });
    const { from } = options;
    this.sender = from.startsWith("MG") ? { MessagingServiceSid: from } : { From: from };
  }

  async send({ to, text }: SmsMessage): Promise<void> {
    const call = { operation: "send", repeatable: false, retries: 0 };
    const answer = await this.options.guard.run(call, (signal) =>
      this.http.json({
        method: "POST",
        path: `2010-04-01/Accounts/${this.options.accountSid}/Messages.json`,
        form: { To: to, ...this.sender, Body: text },
        schema: accepted,
        signal,
        refusal: ({ status, body }) => {
          const known = errorBody.safeParse(body);
          return known.success && BAD_RECEIVER.has(known.data.code) ? badReceiver(status) : null;
        },
      }),
    );
    if (typeof answer.error_code === "number") throw badReceiver(201);
  }
}

const badReceiver = (status: number): ProviderError =>
  new ProviderError({
    provider: "twilio",
    outcome: "refused_input",
    code: PROVIDER_CODES.rejected,
    message: "This number cannot get text messages.",
    status,
  });
