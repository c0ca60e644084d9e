import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import type { Payment } from "./payment.repository.ts";

/** Topic of the feed for payments. */
export const PAYMENT_TOPIC = "PAYMENT";

/** Brings changes of payments to the buyer's screens. */
export class PaymentEvents {
  constructor(private readonly feed: Feed) {}

  /** Appends to the buyer's feed in the transaction of the change. */
  async changed(tx: Tx, { userId, id, version }: Payment): Promise<void> {
    await this.feed.append(tx, userId, { topic: PAYMENT_TOPIC, refId: id, version });
  }
}
