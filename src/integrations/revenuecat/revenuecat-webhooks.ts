import type { IncomingHttpHeaders } from "node:http";
import type { SignatureCheck } from "../../platform/crypto/webhook-signatures.ts";
import { buyerOf, idsOf, isKnownType, reportsOfEvent } from "./revenuecat-events.ts";
import type { RevenueCatReport } from "./revenuecat-reports.ts";
import { revenueCatSignatureCheck, type RevenueCatSecrets } from "./revenuecat-signature.ts";
import { anyEvent, envelope, type AnyEvent } from "./revenuecat-wire.ts";

/**
 * Proves and reads the webhooks of RevenueCat.
 * @see https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields
 */
export class RevenueCatWebhooks {
  readonly provider = "revenuecat";
  readonly verify: (rawBody: Buffer, headers: IncomingHttpHeaders, now: Date) => SignatureCheck;

  /** @throws Error when there is nothing to prove a delivery by */
  constructor(secrets: RevenueCatSecrets) {
    this.verify = revenueCatSignatureCheck(secrets);
  }

  /**
   * Finds what is needed to store an event. One buyer's events have one subject; a transfer has that of who receives.
   * @throws Error when it is none
   */
  describe(payload: unknown): { eventId: string; type: string; occurredAt: Date; subject: string } {
    const event = anyEvent.parse(envelope.parse(payload).event);
    const { id: eventId, type } = event;
    // What is of no known type may lack anything: it is kept, and nothing comes of it.
    if (event.event_timestamp_ms === null && isKnownType(type)) {
      throw new Error(`The ${type} ${eventId} has no time.`);
    }
    const occurredAt = event.event_timestamp_ms ?? new Date(0);
    return { eventId, type, occurredAt, subject: subjectOf(event) };
  }

  /** What the event says; empty when it is nothing to us. @throws Error when it is of a known type and not readable */
  read(payload: unknown): readonly RevenueCatReport[] {
    const { event } = envelope.parse(payload);
    return reportsOfEvent(anyEvent.parse(event).type, event);
  }
}

const subjectOf = (event: AnyEvent): string =>
  buyerOf([...idsOf(event), ...event.transferred_to]).customerId ?? event.id;
