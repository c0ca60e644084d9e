import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { lifeOf, openPaymentsBed, type PaymentsBed } from "./payments-bed.ts";

let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPaymentsBed();
});
afterAll(() => bed.close());

/** A payment of which a quarter was given back. */
async function refunded() {
  const person = await bed.world.person();
  const life = lifeOf(await bed.checkout(person));
  await bed.apply(life.payment("succeeded"));
  await bed.apply(life.refund(500));
  const [row] = await bed.rows<{ id: string; refund: string; entry: string }>(
    `select p.id, r.id as refund, e.id as entry from payments p
     join payment_refunds r on r.payment_id = p.id
     join ledger_entries e on e.idempotency_key = p.id || ':grant'
     where p.store_payment_id = $1`,
    [life.paymentId],
  );
  return { ...row!, userId: person.userId };
}

test("payments, refunds and the ledger agree; each lie is found, and nothing else", async () => {
  const { id, refund, entry } = await refunded();
  expect(await bed.findings()).toEqual([]);
  const lies: [statement: string, undo: string, values: unknown[], expected: string[]][] = [];
  const lie = (...parts: (typeof lies)[number]) => lies.push(parts);
  const setOf = (table: string, column: string, wrong: string, right: string) =>
    [wrong, right].map((value) => `update ${table} set ${column} = ${value} where id = $1`) as [
      string,
      string,
    ];
  lie(...setOf("payments", "amount", "19", "20"), [id], [`payment-amount ${id}`]);
  lie(...setOf("payments", "currency", "'POINTS'", "'CREDITS'"), [id], [`payment-amount ${id}`]);
  lie(...setOf("payments", "undone", "6", "5"), [id], [`refund-sums ${id}`]);
  lie(...setOf("payments", "refunded_amount", "501", "500"), [id], [`refund-sums ${id}`]);
  lie(
    ...setOf("payment_refunds", "taken_back", "4", "5"),
    [refund],
    [`refund-entry ${refund}`, `refund-sums ${id}`],
  );
  lie(
    ...setOf("payment_refunds", "debt", "1", "0"),
    [refund],
    [`refund-entry ${refund}`, `refund-sums ${id}`],
  );
  for (const [statement, undo, values, expected] of lies) {
    await bed.rows(statement, values);
    expect(await bed.findings()).toEqual(expected);
    await bed.rows(undo, values);
    expect(await bed.findings()).toEqual([]);
  }
  await bed.rows(
    "update payments set status = 'FAILED', refunded_amount = 0, undone = 0 where id = $1",
    [id],
  );
  expect(await bed.findings()).toEqual([`entry-without-payment ${entry}`, `refund-sums ${id}`]);
  await bed.rows(
    "update payments set status = 'SUCCEEDED', refunded_amount = 500, undone = 5 where id = $1",
    [id],
  );
  await bed.rows(
    `update payment_refunds set status = 'WAITING', amount = null, taken_back = 0, settled_at = null
     where id = $1`,
    [refund],
  );
  expect(await bed.findings()).toEqual([
    `refund-entry ${refund}`,
    `refund-left ${refund}`,
    `refund-sums ${id}`,
  ]);
});
