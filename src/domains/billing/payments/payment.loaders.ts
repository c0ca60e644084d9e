import type DataLoader from "dataloader";
import { manyByKey, oneByKey, type Loaders } from "../../../platform/graphql/loaders.ts";
import type { Payment, PaymentRefund, PaymentRepository } from "./payment.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** A payment by id. */
    payment: DataLoader<string, Payment | null>;
    /** What went back of a payment. */
    paymentRefunds: DataLoader<string, PaymentRefund[]>;
  }
}

/** Payments and their refunds. They do not judge ownership. */
export const createPaymentLoaders = (
  payments: PaymentRepository,
): Pick<Loaders, "payment" | "paymentRefunds"> => ({
  payment: oneByKey(
    (ids) => payments.byIds(ids),
    (payment) => payment.id,
  ),
  paymentRefunds: manyByKey(
    (ids) => payments.refundsOf(ids),
    (refund) => refund.paymentId,
  ),
});
