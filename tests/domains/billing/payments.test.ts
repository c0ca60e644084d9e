import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { graphql } from "graphql";
import { countStatements } from "../../../src/platform/db/statements.ts";
import { dodoPayment, STUB_DODO } from "../../support/stubs/index.ts";
import type { TestClient } from "../../support/client.ts";
import { lifeOf, message, openPaymentsBed, PAYMENTS, type PaymentsBed } from "./payments-bed.ts";

const CONTEXT = {
  requestId: "req_test",
  ip: "127.0.0.1",
  userAgent: null,
  signedIn: {
    userId: "",
    sessionId: "ses_test",
    role: "CUSTOMER",
    language: "EN",
    expiresAtMs: Number.MAX_SAFE_INTEGER,
  },
  refusal: null,
  language: "EN",
  streams: {},
};
const FRESH_SECRET = "whsec_dGhlLXNlY3JldC1vZi10b21vcnJvdw==";

let bed: PaymentsBed;
beforeAll(async () => {
  const secrets = `${FRESH_SECRET},${STUB_DODO.webhookSecret}`;
  bed = await openPaymentsBed({ DODO_WEBHOOK_SECRETS: secrets });
});
afterAll(() => bed.close());

const paymentsOf = async (person: TestClient) =>
  (await person.must(PAYMENTS)).viewer.payments.nodes;

/** Lets a person buy a package; answers the messages of the payment. */
async function buy(person: TestClient, total = 2_000) {
  const page = await bed.checkout(person);
  const life = lifeOf(page, total);
  expect(await bed.apply(life.payment("succeeded"))).toMatchObject({ status: "APPLIED" });
  return { ...life, page };
}

/** A message that throws: it is tried again later, and nothing has changed. */
async function refused(text: ReturnType<typeof message>, reason: string): Promise<void> {
  const event = await bed.apply(text);
  expect(event).toMatchObject({ status: "RECEIVED", attempts: 1 });
  expect(event.last_error).toContain(reason);
}

describe("a payment", () => {
  test("gives its credits, and reaches the screens of the buyer alone", async () => {
    const person = await bed.world.person();
    const page = await bed.checkout(person);
    const events = person
      .at(bed.world.nodes[1]!.url)
      .watch(
        `subscription { viewerEvents(after: 0) { ... on PaymentEvent { payment { id status } } } }`,
      );
    await bed.apply(lifeOf(page).payment("succeeded"));
    let seen: any = null;
    while (!seen?.data.viewerEvents.payment) seen = (await events.next()).value;
    const [payment] = await paymentsOf(person);
    expect(seen.data.viewerEvents.payment).toEqual({ id: payment.id, status: "SUCCEEDED" });
    expect(payment).toEqual({
      id: payment.id,
      status: "SUCCEEDED",
      packageName: "CREDITS_20",
      currency: "CREDITS",
      amount: 20,
      paid: { amount: "20.00", currency: "USD" },
      disputed: false,
      sandbox: false,
      refunds: [],
    });
    const nodeOf = async (who: TestClient) =>
      (await who.must("query ($id: ID!) { node(id: $id) { id } }", { id: payment.id })).node;
    expect(await nodeOf(person)).toEqual({ id: payment.id });
    expect(await nodeOf(await bed.world.person())).toBeNull();
    const about = await person.must(
      "{ viewer { ledger(currency: CREDITS) { nodes { about { id } } } } }",
    );
    expect(about.viewer.ledger.nodes).toEqual([{ about: { id: payment.id } }]);
    await events.return?.();
  });

  test("gives what its product holds, whatever was paid for it", async () => {
    const person = await bed.world.person();
    const { refund } = await buy(person, 1);
    expect(await bed.credits(person.userId)).toBe(20);
    await bed.apply(refund(1));
    expect(await bed.credits(person.userId)).toBe(0);
  });

  test("is nobody's when the store and we disagree about the buyer", async () => {
    const person = await bed.world.person();
    const other = await bed.world.person();
    const page = await bed.checkout(person);
    const forged = lifeOf({ ...page, userId: other.userId });
    await refused(forged.payment("succeeded"), "somebody else");
    await refused(lifeOf({ ...page, reference: "cko_none" }).payment("succeeded"), "no checkout");
    const productId = "pdt_nobody_knows";
    await refused(lifeOf(page, 2_000, productId).payment("succeeded"), productId);
    for (const { userId } of [person, other]) expect(await bed.credits(userId)).toBe(0);
    expect(await paymentsOf(person)).toEqual([]);
  });

  test("without a reference of ours needs a user whom we know", async () => {
    const person = await bed.world.person();
    const pay = (userId: string) =>
      message(
        "payment.succeeded",
        dodoPayment({ productId: "pdt_credits_5", metadata: { user_id: userId } }),
      );
    await refused(pay("usr_0000000000000"), "Nobody knows");
    await bed.apply(pay(person.userId));
    expect(await bed.credits(person.userId)).toBe(5);
  });

  test("follows a guest who becomes an account, also when it is reported later", async () => {
    const guest = await bed.world.person();
    const account = await bed.world.person();
    await buy(guest);
    const page = await bed.checkout(guest);
    const { parts } = bed.world.nodes[0]!;
    const billing = parts.modules.find(({ personalData }) => personalData?.name === "billing");
    const moved = await parts.unitOfWork.run((tx) =>
      billing!.personalData!.merge(tx, { fromUserId: guest.userId, toUserId: account.userId }),
    );
    expect(moved).toMatchObject({ payments: 1 });
    await bed.apply(lifeOf(page).payment("succeeded"));
    expect(await bed.credits(account.userId)).toBe(20);
    expect(await paymentsOf(account)).toHaveLength(2);
    expect(await paymentsOf(guest)).toEqual([]);
  });

  test("is listed in pages, newest first, by a constant number of statements", async () => {
    const { engine } = bed.world.nodes[0]!.parts;
    const person = await bed.world.person();
    for (let index = 0; index < 3; index += 1) {
      const { refund } = await buy(person);
      await bed.apply(refund(100));
    }
    const all = await paymentsOf(person);
    expect(all.map(({ refunds }: any) => refunds[0].money.amount)).toEqual([
      "1.00",
      "1.00",
      "1.00",
    ]);
    const first = (await person.must(PAYMENTS, { first: 2 })).viewer.payments;
    expect(first.nodes).toEqual(all.slice(0, 2));
    const rest = await person.must(PAYMENTS, { first: 2, after: first.pageInfo.endCursor });
    expect(rest.viewer.payments.nodes).toEqual(all.slice(2));
    expect(rest.viewer.payments.pageInfo.hasNextPage).toBe(false);
    const statementsOf = async (first: number) => {
      const contextValue = { ...CONTEXT, loaders: engine.createLoaders() };
      contextValue.signedIn = { ...CONTEXT.signedIn, userId: person.userId };
      const work = () =>
        graphql({
          schema: engine.schema,
          source: PAYMENTS,
          variableValues: { first },
          contextValue,
        });
      const { result, count } = await countStatements(async () => work());
      expect((result.data as any).viewer.payments.nodes).toHaveLength(first);
      return count.statements;
    };
    expect(await statementsOf(3)).toBe(await statementsOf(1));
  });
});

describe("money that goes back", () => {
  test("takes back what is left; what was spent is a debt that the staff sees", async () => {
    const person = await bed.world.person();
    const { refund, page } = await buy(person);
    const { parts } = bed.world.nodes[0]!;
    await parts.unitOfWork.run((tx) =>
      parts.wallet.wallets.spend(tx, {
        userId: person.userId,
        currency: "CREDITS",
        amount: 18,
        reference: { type: "job", id: randomUUID() },
        key: randomUUID(),
      }),
    );
    await bed.apply(refund(500));
    await bed.apply(refund(null));
    expect(await bed.credits(person.userId)).toBe(0);
    expect(
      await bed.rows(
        `select r.amount, r.taken_back, r.debt from payment_refunds r
         join payments p on p.id = r.payment_id where p.checkout_id = $1 order by r.id`,
        [page.reference],
      ),
    ).toEqual([
      { amount: 500, taken_back: 2, debt: 3 },
      { amount: 1_500, taken_back: 0, debt: 15 },
    ]);
    expect(await bed.findings()).toEqual([]);
  });

  test("of more than was paid is all that was paid, and of nothing is nothing", async () => {
    const person = await bed.world.person();
    const { refund, paymentId } = await buy(person);
    await bed.apply(refund(0));
    expect(await bed.credits(person.userId)).toBe(20);
    await bed.apply(refund(99_999));
    await bed.apply(refund(1));
    expect(await bed.credits(person.userId)).toBe(0);
    const [row] = await bed.rows<{ refunded_amount: number; undone: number }>(
      "select refunded_amount, undone from payments where store_payment_id = $1",
      [paymentId],
    );
    expect(row).toEqual({ refunded_amount: 2_000, undone: 20 });
  });

  test("cannot belong to two payments", async () => {
    const [ada, bob] = [await bed.world.person(), await bed.world.person()];
    const first = await buy(ada);
    const second = await buy(bob);
    const refund = (paymentId: string) =>
      message("refund.succeeded", {
        refund_id: "ref_twice",
        payment_id: paymentId,
        status: "succeeded",
        amount: null,
      });
    await bed.apply(refund(first.paymentId));
    await refused(refund(second.paymentId), "another payment");
    expect(await bed.credits(bob.userId)).toBe(20);
  });
});

test("both secrets count while one is replaced; no other does, and nothing is stored", async () => {
  const person = await bed.world.person();
  const page = await bed.checkout(person);
  const { payment, refund } = lifeOf(page);
  const [paid, back] = [payment("succeeded"), refund(null)];
  expect((await bed.deliver(paid, 0, STUB_DODO.webhookSecret)).status).toBe(200);
  expect((await bed.deliver(back, 1, FRESH_SECRET)).status).toBe(200);
  await Promise.all([bed.settled(paid), bed.settled(back)]);
  const forged = payment("succeeded");
  expect((await bed.deliver(forged, 0, "whsec_c29tZXRoaW5nLWVsc2U=")).status).toBe(401);
  expect(await bed.rows("select from webhook_events where event_id = $1", [forged.id])).toEqual([]);
});
