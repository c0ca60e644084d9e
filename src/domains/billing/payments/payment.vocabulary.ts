import { registerEnumType } from "type-graphql";

/** How far a payment is. */
export const PaymentStatuses = {
  PENDING: "PENDING",
  CANCELED: "CANCELED",
  FAILED: "FAILED",
  SUCCEEDED: "SUCCEEDED",
} as const;
export type PaymentStatus = keyof typeof PaymentStatuses;

registerEnumType(PaymentStatuses, {
  name: "PaymentStatus",
  description: "How far a payment is.",
  valuesConfig: {
    PENDING: { description: "Begun, and not decided yet." },
    CANCELED: { description: "Given up by the buyer." },
    FAILED: { description: "Refused, such as by the bank; it may still succeed." },
    SUCCEEDED: { description: "Paid, and what was bought has been given." },
  },
});

/** Why money went back. */
export const RefundReasons = { REFUND: "REFUND", DISPUTE: "DISPUTE" } as const;
export type RefundReason = keyof typeof RefundReasons;

registerEnumType(RefundReasons, {
  name: "PaymentRefundReason",
  description: "Why money of a payment went back to the buyer.",
  valuesConfig: {
    REFUND: { description: "The shop gave it back." },
    DISPUTE: { description: "The buyer's bank took it back." },
  },
});
