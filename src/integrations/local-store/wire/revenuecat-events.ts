import { randomUUID } from "node:crypto";
import type { PhoneItem } from "../state/buyer.ts";
import type { WireEvent } from "./wire-event.ts";

/** The moments in the life of a purchase on a phone that RevenueCat tells of. */
export type PhoneEventType =
  | "INITIAL_PURCHASE"
  | "NON_RENEWING_PURCHASE"
  | "RENEWAL"
  | "CANCELLATION"
  | "UNCANCELLATION"
  | "BILLING_ISSUE"
  | "EXPIRATION";

/** A webhook about a purchase as it is then. @param details what this moment alone has, such as the reason */
export function phoneEvent(
  type: PhoneEventType,
  userId: string,
  item: Omit<PhoneItem, "lastEvent">,
  at: number,
  details: Readonly<Record<string, unknown>> = {},
): Omit<WireEvent, "place"> {
  const id = randomUUID().toUpperCase();
  return {
    provider: "revenuecat",
    id,
    at,
    payload: {
      api_version: "1.0",
      event: {
        id,
        type,
        app_id: "app_local",
        event_timestamp_ms: at,
        app_user_id: userId,
        original_app_user_id: userId,
        aliases: [userId],
        product_id: item.productId,
        entitlement_id: null,
        entitlement_ids: null,
        period_type: "NORMAL",
        purchased_at_ms: item.boughtAt,
        expiration_at_ms: item.expiresAt,
        environment: "SANDBOX",
        store: "TEST_STORE",
        transaction_id: item.transactionId,
        original_transaction_id: item.originalTransactionId,
        is_family_share: false,
        country_code: "US",
        currency: item.currency,
        price: item.price,
        price_in_purchased_currency: item.price,
        tax_percentage: 0,
        commission_percentage: 0.3,
        takehome_percentage: 0.7,
        offer_code: null,
        presented_offering_id: null,
        subscriber_attributes: {},
        ...details,
      },
    },
  };
}
