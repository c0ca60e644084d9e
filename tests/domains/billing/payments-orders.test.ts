import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { inAllOrders, outcome } from "./payment-lives.ts";
import { lifeOf, openPaymentsBed, type PaymentsBed } from "./payments-bed.ts";

let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPaymentsBed();
});
afterAll(() => bed.close());

const PAID = {
  status: "SUCCEEDED",
  dispute: null,
  currency: "CREDITS",
  amount: 20,
  money_amount: 2_000,
  product_id: "pdt_credits_20",
};

test("paid, and given back in two parts: the same in every order, each message 20 times", async () => {
  const pages = await inAllOrders(bed, (page) => {
    const life = lifeOf(page);
    return [
      life.payment("processing", 1),
      life.payment("succeeded", 2),
      life.refund(500, 3),
      life.refund(1_500, 4),
    ];
  });
  const refund = { reason: "REFUND", status: "SETTLED", debt: 0 };
  for (const page of pages) {
    expect(await outcome(bed, page)).toEqual({
      payments: [{ ...PAID, refunded_amount: 2_000, undone: 20 }],
      refunds: [
        { ...refund, asked_amount: 500, amount: 500, taken_back: 5 },
        { ...refund, asked_amount: 1_500, amount: 1_500, taken_back: 15 },
      ],
      ledger: [
        { kind: "PURCHASE", delta: 20 },
        { kind: "REFUND", delta: -5 },
        { kind: "REFUND", delta: -15 },
      ],
      balance: 0,
    });
  }
  expect(await bed.findings()).toEqual([]);
});
