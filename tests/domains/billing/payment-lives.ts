import { expect } from "@jest/globals";
import type { DodoMessage, OpenPage, PaymentsBed } from "./payments-bed.ts";

const COPIES = 20;

function orders<T>(things: readonly T[]): T[][] {
  if (things.length < 2) return [[...things]];
  return things.flatMap((first) =>
    orders(things.filter((thing) => thing !== first)).map((rest) => [first, ...rest]),
  );
}

/** Delivers a message many times at once, at both nodes, and waits until it is settled. */
async function deliverCopies(bed: PaymentsBed, message: DodoMessage): Promise<void> {
  const copies = Array.from({ length: COPIES }, (_, index) => bed.deliver(message, index % 2));
  for (const { status } of await Promise.all(copies)) expect(status).toBe(200);
  const event = await bed.settled(message);
  expect([event.status, event.attempts]).toEqual(["APPLIED", 1]);
}

/** Lets each order of four messages come to a user of its own, all of them side by side. */
export async function inAllOrders(
  bed: PaymentsBed,
  life: (page: OpenPage) => DodoMessage[],
): Promise<OpenPage[]> {
  return Promise.all(
    orders([0, 1, 2, 3]).map(async (order) => {
      const page = await bed.checkout(await bed.world.person());
      const messages = life(page);
      for (const index of order) await deliverCopies(bed, messages[index]!);
      return page;
    }),
  );
}

/** What is left in the tables, without what is different for everybody. */
export const outcome = async (bed: PaymentsBed, { userId }: OpenPage) => ({
  payments: await bed.rows(
    `select status, dispute, currency, amount, money_amount, refunded_amount, undone, product_id
     from payments where user_id = $1`,
    [userId],
  ),
  refunds: await bed.rows(
    `select r.reason, r.status, r.asked_amount, r.amount, r.taken_back, r.debt
     from payment_refunds r join payments p on p.id = r.payment_id
     where p.user_id = $1 order by r.asked_amount`,
    [userId],
  ),
  ledger: await bed.rows(
    "select kind, delta from ledger_entries where user_id = $1 order by delta desc",
    [userId],
  ),
  balance: await bed.credits(userId),
});
