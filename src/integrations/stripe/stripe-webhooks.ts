import type { IncomingHttpHeaders } from "node:http";
import type { SignatureCheck } from "../../platform/crypto/webhook-signatures.ts";
import { reportsOfEvent, type StripeReport } from "./stripe-reports.ts";
import { stripeSignatureCheck } from "./stripe-signature.ts";
import { stripeEvent, withCustomer } from "./stripe-wire.ts";

/** Proves and reads the webhooks of Stripe. */
export class StripeWebhooks {
  readonly provider = "stripe";
  readonly verify: (rawBody: Buffer, headers: IncomingHttpHeaders, now: Date) => SignatureCheck;

  /** @param secrets `whsec_…`; two while one is replaced by the other. @throws Error when there is none */
  constructor(secrets: readonly string[]) {
    this.verify = stripeSignatureCheck(secrets);
  }

  /** Everything about one customer is one subject. @throws Error when it is no event */
  describe(payload: unknown): {
    eventId: string;
    type: string;
    occurredAt: Date;
    subject: string;
  } {
    const event = stripeEvent.parse(payload);
    const about = event.data.object;
    const { customer } = withCustomer.catch({}).parse(about);
    const subject = customer ?? about.id ?? event.id;
    return { eventId: event.id, type: event.type, occurredAt: event.created, subject };
  }

  /** @throws Error when it is of a known type and not readable */
  read(payload: unknown): readonly StripeReport[] {
    return reportsOfEvent(stripeEvent.parse(payload));
  }
}
