import type { IncomingHttpHeaders } from "node:http";
import type { SignatureCheck } from "../../platform/crypto/webhook-signatures.ts";
import { reportsOf, type DodoReport } from "./dodo-reports.ts";
import { dodoSignatureCheck } from "./dodo-signature.ts";
import { dodoEvent } from "./dodo-wire.ts";

/** Proves and reads the webhooks of Dodo Payments. */
export class DodoWebhooks {
  readonly provider = "dodo";
  readonly verify: (rawBody: Buffer, headers: IncomingHttpHeaders, now: Date) => SignatureCheck;

  /** @throws Error when there is no secret, or one is not base64 */
  constructor(
    private readonly options: {
      /** `whsec_…`; two while one is replaced by the other. */
      readonly secrets: readonly string[];
      /** Whether the money is not real. */
      readonly sandbox: boolean;
    },
  ) {
    this.verify = dodoSignatureCheck(options.secrets);
  }

  /** The event's id stands in a header. Everything about one payment is one subject. @throws Error when it is no event */
  describe(
    payload: unknown,
    headers: IncomingHttpHeaders,
  ): { eventId: string; type: string; occurredAt: Date; subject: string } {
    const { type, timestamp, business_id, data } = dodoEvent.parse(payload);
    const eventId = headers["webhook-id"];
    if (typeof eventId !== "string") throw new Error("The event has no id.");
    const { payment_id: paymentId, customer } = data;
    const customerId = (customer as { customer_id?: unknown } | null | undefined)?.customer_id;
    const subject = [paymentId, customerId, business_id].find(isName) ?? business_id;
    return { eventId, type, occurredAt: timestamp, subject };
  }

  /** @throws Error when it is of a known type and not readable */
  read(payload: unknown): readonly DodoReport[] {
    const { type, timestamp, data } = dodoEvent.parse(payload);
    return reportsOf(type, data, { occurredAt: timestamp, sandbox: this.options.sandbox });
  }
}

const isName = (value: unknown): value is string => typeof value === "string" && value !== "";
