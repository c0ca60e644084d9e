import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { openStoreBed, pathOf, type OpenStore, type StoreBed } from "./store-bed.ts";

let bed: StoreBed;
let shop: OpenStore;
beforeAll(async () => {
  bed = await openStoreBed();
  shop = await bed.open();
});
afterAll(() => bed.close());

const newUser = () => `usr_${randomUUID().replaceAll("-", "")}`;

async function creditsCheckout(store = shop, reference = randomUUID() as string) {
  const checkout = await store.store.creditStore?.startCheckout({
    userId: newUser(),
    email: "ada@facet.example",
    name: "Ada",
    productId: "pdt_credits_5",
    reference,
    returnUrl: "https://app.facet.example/done?from=store",
    cancelUrl: "facet://cart",
  });
  if (!checkout) throw new Error("Credits are not sold.");
  return checkout;
}

async function subscribe() {
  const store = shop.store.subscriptionStore;
  if (!store) throw new Error("Subscriptions are not sold.");
  const userId = newUser();
  const customerId = await store.createCustomer({ id: userId, email: "bob@facet.example" });
  const wish = {
    userId,
    customerId,
    productId: "price_pro_monthly",
    successUrl: "https://app.facet.example/pro?session={CHECKOUT_SESSION_ID}",
    cancelUrl: "https://app.facet.example/",
    key: randomUUID(),
  };
  const { id, url } = await store.startCheckout(wish);
  const decide = async (act: string) => {
    const [subscription] = await store.subscriptionsOf(customerId);
    const path = `/local-store/customers/${customerId}/subscriptions/${subscription?.subscriptionId}`;
    expect(await shop.post(`${path}/${act}`)).toMatchObject({ status: 303 });
    return (await store.subscriptionsOf(customerId))[0];
  };
  return { store, userId, customerId, wish, id, url, decide };
}

/** What was sent of the customer whom an id names. */
const of = (id: string) =>
  bed.received.filter(({ payload }) => JSON.stringify(payload).includes(id.slice(4, 28)));
const typesOf = (id: string) => of(id).map(({ type }) => type);
const untilSent = (id: string, count: number) =>
  until(
    () => of(id).length,
    (sent) => sent >= count,
  );

test("of many clicks in two processes one pays, and one webhook tells it", async () => {
  const other = await bed.open();
  const { id, url } = await creditsCheckout();
  const page = await shop.get(pathOf(url));
  expect(page.status).toBe(200);
  expect(page.html).toContain("$4.99");
  const clicks = Array.from({ length: 20 }, (_, click) =>
    (click % 2 === 0 ? shop : other).post(`${pathOf(url)}/pay`),
  );
  const answers = await Promise.all(clicks);
  const [first] = answers;
  expect(first?.to).toMatch(
    /^https:\/\/app\.facet\.example\/done\?from=store&payment_id=pay_\w+&status=succeeded$/,
  );
  expect(new Set(answers.map(({ status, to }) => `${status} ${to}`)).size).toBe(1);
  await untilSent(id, 1);
  const [sent, ...more] = of(id);
  expect(more.filter(({ eventId }) => eventId !== sent?.eventId)).toEqual([]);
  const purchase = await shop.store.creditStore?.purchaseOf(id);
  expect(sent?.reports).toEqual([purchase]);
  expect(purchase).toMatchObject({ status: "SUCCEEDED", amount: 499, currency: "USD" });
});

test("a payment can fail, be given up, and still succeed", async () => {
  const { id, url } = await creditsCheckout();
  expect(await shop.store.creditStore?.purchaseOf(id)).toBeNull();
  expect((await shop.post(`${pathOf(url)}/fail`)).to).toBe(pathOf(url));
  expect((await shop.get(pathOf(url))).html).toContain("The payment failed.");
  expect((await shop.post(`${pathOf(url)}/cancel`)).to).toBe("facet://cart");
  expect(await shop.store.creditStore?.purchaseOf(id)).toMatchObject({ status: "CANCELED" });
  await shop.post(`${pathOf(url)}/pay`);
  expect(await shop.store.creditStore?.purchaseOf(id)).toMatchObject({ status: "SUCCEEDED" });
  await untilSent(id, 3);
  expect(typesOf(id)).toEqual(["payment.failed", "payment.cancelled", "payment.succeeded"]);
});

test("the same reference and the same key give the same page", async () => {
  const { store, wish, url } = await subscribe();
  expect((await store.startCheckout(wish)).url).toBe(url);
  expect((await store.startCheckout({ ...wish, key: "another" })).url).not.toBe(url);
});

test("refunds take no more than is left", async () => {
  const { id, url } = await creditsCheckout();
  await shop.post(`${pathOf(url)}/pay`);
  const customer = `/local-store/customers/cus_${id.slice(4, 28)}`;
  const payment = /data-payment="(\w+)"/.exec((await shop.get(customer)).html)?.[1];
  const refund = (amount: string) =>
    shop.post(`${customer}/payments/${payment}/refund`, { amount });
  for (const amount of ["", "0", "-1", "1.234", "5.00", "1e2", "x"]) {
    expect([amount, (await refund(amount)).status]).toEqual([amount, 422]);
  }
  expect((await refund("1.5")).status).toBe(303);
  expect((await refund("3.50")).status).toBe(422);
  expect((await refund("3.49")).status).toBe(303);
  expect((await refund("0.01")).status).toBe(422);
  await untilSent(id, 3);
  const refunds = of(id).flatMap(({ reports }) => reports.filter(({ kind }) => kind === "REFUND"));
  expect(refunds).toMatchObject([
    { paymentId: payment, amount: 150 },
    { paymentId: payment, amount: 349 },
  ]);
});

test("a subscription is paid, renewed, not paid, canceled, resumed and ended, as its webhooks tell", async () => {
  const { id, url, customerId, userId, store, decide } = await subscribe();
  const { to } = await shop.post(`${pathOf(url)}/pay`);
  expect(to).toBe(`https://app.facet.example/pro?session=${id}`);
  const [begun] = await store.subscriptionsOf(customerId);
  expect(begun).toMatchObject({ status: "ACTIVE", userId, cancelAtPeriodEnd: false });
  const firstEnd = begun?.periodEnd?.getTime() ?? 0;

  expect(await decide("cancel")).toMatchObject({ status: "ACTIVE", cancelAtPeriodEnd: true });
  expect(await decide("resume")).toMatchObject({ status: "ACTIVE", cancelAtPeriodEnd: false });
  const failed = await decide("fail-renewal");
  expect(failed?.status).toBe("PAST_DUE");
  expect(failed?.periodEnd?.getTime()).toBeGreaterThan(firstEnd);
  const renewed = await decide("renew");
  expect(renewed).toMatchObject({ status: "ACTIVE", periodEnd: failed?.periodEnd });
  expect(await decide("end")).toMatchObject({ status: "CANCELED" });
  expect(await decide("renew")).toMatchObject({ status: "CANCELED" });

  await untilSent(customerId, 11);
  expect(typesOf(customerId)).toEqual([
    "customer.subscription.created",
    "customer.subscription.updated",
    "invoice.paid",
    "checkout.session.completed",
    "customer.subscription.updated",
    "customer.subscription.updated",
    "customer.subscription.updated",
    "invoice.payment_failed",
    "customer.subscription.updated",
    "invoice.paid",
    "customer.subscription.deleted",
  ]);
  const times = of(customerId).flatMap(({ reports }) =>
    reports.flatMap((each) => (each.kind === "SUBSCRIPTION" ? [each.occurredAt.getTime()] : [])),
  );
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});

test("what the app asks for by itself ends in webhooks as well", async () => {
  const { url, customerId, store } = await subscribe();
  await shop.post(`${pathOf(url)}/pay`);
  const [subscription] = await store.subscriptionsOf(customerId);
  const change = { subscriptionId: subscription?.subscriptionId ?? "", cancel: true, key: "k" };
  const answer = await store.setCancelAtPeriodEnd(change);
  expect(answer).toMatchObject({ cancelAtPeriodEnd: true });
  expect(await store.setCancelAtPeriodEnd(change)).toEqual(answer);
  await untilSent(customerId, 5);
  expect(of(customerId).at(-1)?.reports).toEqual([answer]);
  const portal = await store.openPortal({ customerId, returnUrl: "https://app.facet.example/me" });
  expect((await shop.get(pathOf(portal.url))).html).toContain("https://app.facet.example/me");
});

test("what is not known is refused as a fault of the configuration", async () => {
  const { store, wish } = await subscribe();
  const fault = { name: "ProviderError", outcome: "misconfigured" };
  await expect(store.startCheckout({ ...wish, productId: "price_x" })).rejects.toMatchObject(fault);
  await expect(
    store.startCheckout({ ...wish, customerId: "cus_of_a_real_store" }),
  ).rejects.toMatchObject(fault);
  await expect(store.openPortal({ customerId: "../..", returnUrl: "" })).rejects.toMatchObject(
    fault,
  );
  expect(await store.subscriptionsOf("cus_nobody")).toEqual([]);
});
