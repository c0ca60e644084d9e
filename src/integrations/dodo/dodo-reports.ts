import { dodoDispute, dodoPayment, dodoRefund, type DodoPayment } from "./dodo-wire.ts";

/** Whose a report is, in the words of who sells. */
interface Origin {
  readonly store: "DODO";
  readonly customerId: string | null;
  readonly userId: string | null;
  readonly occurredAt: Date;
  readonly sandbox: boolean;
}

/** A payment for a package. */
export interface DodoPurchase extends Origin {
  readonly kind: "PURCHASE";
  readonly paymentId: string;
  readonly reference: string | null;
  readonly productId: string;
  readonly quantity: number;
  readonly status: "PENDING" | "SUCCEEDED" | "FAILED" | "CANCELED";
  readonly amount: number;
  readonly currency: string;
}

interface DodoRefund extends Origin {
  readonly kind: "REFUND";
  readonly refundId: string;
  readonly paymentId: string;
  readonly amount: number | null;
}

interface DodoDispute extends Origin {
  readonly kind: "DISPUTE";
  readonly disputeId: string;
  readonly paymentId: string;
  readonly state: "OPENED" | "LOST";
}

/** What a webhook says about purchases. */
export type DodoReport = DodoPurchase | DodoRefund | DodoDispute;

const STATUSES: ReadonlyMap<string, DodoPurchase["status"]> = new Map([
  ["succeeded", "SUCCEEDED"],
  ["failed", "FAILED"],
  ["cancelled", "CANCELED"],
]);

/** Who accepts a dispute lets the money go, as if it were lost. */
const LOST = ["lost", "accepted"];
const OPEN = ["opened", "challenged", "expired"];

/** The moment of a report, and whether money is real where it comes from. */
export interface ReportSetting {
  readonly occurredAt: Date;
  readonly sandbox: boolean;
}

/**
 * Reads a payment; null when it is a bill of a subscription.
 * @throws Error when it is for several products: our checkouts sell one
 */
export function purchaseOf(payment: DodoPayment, setting: ReportSetting): DodoPurchase | null {
  const ofSubscription = Boolean(payment.subscription_id) || payment.subscription_ids?.length;
  if (ofSubscription) return null;
  const [item, ...others] = payment.product_cart ?? [];
  if (!item || others.length > 0) {
    throw new Error(`The payment ${payment.payment_id} is not for one product.`);
  }
  return {
    ...setting,
    kind: "PURCHASE",
    store: "DODO",
    customerId: payment.customer.customer_id,
    userId: textOf(payment.metadata?.["user_id"]),
    paymentId: payment.payment_id,
    reference: textOf(payment.metadata?.["reference"]),
    productId: item.product_id,
    quantity: item.quantity,
    status: STATUSES.get(payment.status ?? "") ?? "PENDING",
    amount: payment.total_amount,
    currency: payment.currency,
  };
}

/**
 * Reads the data of a webhook. It is the state at delivery, not at the moment that the type names: the state decides.
 * @returns nothing for what is neither payment nor refund nor dispute, and for refunds that moved no money
 */
export function reportsOf(
  type: string,
  data: Readonly<Record<string, unknown>>,
  setting: ReportSetting,
): DodoReport[] {
  const [thing, moment = ""] = type.split(".");
  if (thing === "payment") return present(purchaseOf(dodoPayment.parse(data), setting));
  if (thing === "refund") return present(refundOf(data, setting));
  if (thing === "dispute") return present(disputeOf(moment, data, setting));
  return [];
}

function refundOf(data: unknown, setting: ReportSetting): DodoRefund | null {
  const { status, refund_id, payment_id, amount, customer } = dodoRefund.parse(data);
  if (status !== "succeeded") return null;
  return {
    ...setting,
    kind: "REFUND",
    store: "DODO",
    customerId: customer?.customer_id ?? null,
    userId: null,
    refundId: refund_id,
    paymentId: payment_id,
    amount: amount ?? null,
  };
}

function disputeOf(moment: string, data: unknown, setting: ReportSetting): DodoDispute | null {
  const { dispute_status, dispute_id, payment_id, customer } = dodoDispute.parse(data);
  const status = dispute_status?.replace(/^dispute_/, "") ?? moment;
  const lost = LOST.includes(status);
  if (!lost && !OPEN.includes(status)) return null;
  return {
    ...setting,
    kind: "DISPUTE",
    store: "DODO",
    customerId: customer?.customer_id ?? null,
    userId: null,
    disputeId: dispute_id,
    paymentId: payment_id,
    state: lost ? "LOST" : "OPENED",
  };
}

const present = <T>(report: T | null): T[] => (report === null ? [] : [report]);

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;
