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
  currency: "CREDITS",
  amount: 20,
  money_amount: 2_000,
  product_id: "pdt_credits_20",
};

test("failed, then paid, then lost in a dispute: the same in every order, each message 20 times", async () => {
  const pages = await inAllOrders(bed, (page) => {
    const life = lifeOf(page);
    return [
      life.payment("failed", 1),
      life.payment("succeeded", 2),
      life.dispute("opened", 3),
      life.dispute("lost", 4),
    ];
  });
  for (const page of pages) {
    expect(await outcome(bed, page)).toEqual({
      payments: [{ ...PAID, dispute: "LOST", refunded_amount: 2_000, undone: 20 }],
      refunds: [
        {
          reason: "DISPUTE",
          status: "SETTLED",
          asked_amount: null,
          amount: 2_000,
          taken_back: 20,
          debt: 0,
        },
      ],
      ledger: [
        { kind: "PURCHASE", delta: 20 },
        { kind: "REFUND", delta: -20 },
      ],
      balance: 0,
    });
  }
  expect(await bed.findings()).toEqual([]);
});
