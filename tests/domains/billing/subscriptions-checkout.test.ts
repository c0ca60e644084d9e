import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import type { TestClient } from "../../support/client.ts";
import {
  deliverStripe,
  stripeEvent,
  stripeInvoice,
  stripeSession,
  stripeSubscription,
} from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import {
  newCustomer,
  openSubscriptionsBed,
  plansOf,
  SUBSCRIPTIONS,
  type Event,
  type SubscriptionsBed,
} from "./subscriptions-bed.ts";

const operation = (name: string): string =>
  readFileSync(
    new URL(`../../../schema/operations/mobile/${name}.graphql`, import.meta.url),
    "utf8",
  );
const START = operation("StartProCheckout");
const PORTAL = operation("OpenBillingPortal");
const CANCEL = operation("CancelSubscription");
const RESUME = operation("ResumeSubscription");
const EVENTS = operation("ViewerEvents");

let bed: SubscriptionsBed;
beforeAll(async () => {
  bed = await openSubscriptionsBed();
});
beforeEach(() => bed.stubs.reset());
afterAll(() => bed.close());

const order = (change: object = {}) => ({
  input: {
    plan: "PRO",
    successUrl: `${bed.world.url}/done?session={CHECKOUT_SESSION_ID}`,
    cancelUrl: "facet://plans",
    ...change,
  },
});
const start = async (person: TestClient, change: object = {}) =>
  (await person.must(START, order(change))).startProCheckout;
const codes = (payload: { problems: { code: string }[] }): string[] =>
  payload.problems.map(({ code }) => code);

/** Somebody who has bought PRO. */
async function subscriber(): Promise<{ person: TestClient; id: string; events: Event[] }> {
  const person = await bed.world.person();
  const { checkoutUrl } = await start(person);
  const events = bed.stubs.stripe.pay(checkoutUrl);
  await bed.live(events);
  const { viewer } = await person.must(SUBSCRIPTIONS);
  return { person, id: viewer.subscriptions[0].id, events };
}

test("PRO is bought on a page of the store; plans and limits change live on another screen", async () => {
  const person = await bed.world.person();
  const screen = person.at(bed.world.nodes[1]!.url);
  const live = screen.watch(EVENTS, { after: 0 });
  const { checkoutUrl, problems } = await start(person);
  expect(problems).toEqual([]);
  expect(await plansOf(person)).toEqual(["FREE"]);

  const events = bed.stubs.stripe.pay(checkoutUrl);
  for (const event of events) await bed.deliver(event);
  let shown = (await live.next()).value.data.viewerEvents;
  while (shown.subscription?.status !== "ACTIVE") {
    shown = (await live.next()).value.data.viewerEvents;
  }
  expect(shown.subscription).toMatchObject({ plan: "PRO", entitled: true, channel: "WEB" });
  expect(shown.viewer.entitlements).toEqual({
    plans: ["FREE", "PRO"],
    entitlements: ["UNLIMITED_CHAT"],
  });
  expect(shown.viewer.usage).toContainEqual(
    expect.objectContaining({ name: "CHAT_MESSAGES", used: 0, limit: null }),
  );
  expect(codes(await start(person))).toEqual(["ALREADY_SUBSCRIBED"]);
  await screen.close();
});

test("a limit grows for who is in the middle of using it up", async () => {
  const person = await bed.world.person();
  const [node] = bed.world.nodes;
  const take = (times: number) =>
    Promise.all(
      Array.from({ length: times }, () =>
        node!.parts.unitOfWork
          .run((tx) => node!.parts.billing.quotas.take(tx, person.userId, "SKIN_ANALYSES"))
          .then(
            () => "taken",
            (error: { problem: object }) => error.problem,
          ),
      ),
    );
  const first = await take(12);
  expect(first.filter((one) => one === "taken")).toHaveLength(10);
  expect(first).toContainEqual(
    expect.objectContaining({ code: "QUOTA_EXCEEDED", limit: 10, upgradePlan: "PREMIUM" }),
  );

  const { checkoutUrl } = await start(person, { plan: "PREMIUM" });
  await bed.live(bed.stubs.stripe.pay(checkoutUrl));
  expect(await take(12)).toEqual(Array(12).fill("taken"));
  const { viewer } = await person.must(SUBSCRIPTIONS);
  expect(viewer.usage).toContainEqual(
    expect.objectContaining({ name: "SKIN_ANALYSES", used: 22, limit: 100 }),
  );
});

test("the same key opens the same page; other input for it is a mismatch", async () => {
  const person = await bed.world.person();
  const pages = await Promise.all([1, 2, 3, 4].map(() => start(person, { idempotencyKey: "k" })));
  expect(new Set(pages.map(({ checkoutUrl }) => checkoutUrl)).size).toBe(1);
  const { errors } = await person.send(START, order({ idempotencyKey: "k", plan: "PREMIUM" }));
  expect(errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_MISMATCH");
  expect((await start(person, { idempotencyKey: "l" })).checkoutUrl).not.toBe(pages[0].checkoutUrl);

  const customers = bed.stubs
    .requests("stripe")
    .filter(({ path }) => path === "/v1/customers")
    .map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(customers)).toEqual(new Set([`customer:${person.userId}`]));
  const rows = await bed.rows("select 1 from store_customers where user_id = $1", [person.userId]);
  expect(rows).toHaveLength(1);
});

test("the store leads back to our pages and apps only, and sells only what is on sale there", async () => {
  const person = await bed.world.person();
  const elsewhere = [
    "https://evil.example/done",
    "javascript:alert(1)",
    "otherapp://done",
    "http://127.0.0.1:1/",
    "not a url",
  ];
  for (const url of elsewhere) {
    expect(codes(await start(person, { successUrl: url }))).toEqual(["RETURN_URL_NOT_ALLOWED"]);
    expect(codes(await start(person, { cancelUrl: url }))).toEqual(["RETURN_URL_NOT_ALLOWED"]);
  }
  expect(codes(await start(person, { plan: "FREE" }))).toEqual(["PLAN_NOT_SOLD"]);
  expect(codes(await start(person, { plan: "VIP" }))).toEqual(["PLAN_NOT_SOLD"]);
  expect(bed.stubs.requests("stripe")).toEqual([]);
});

test("a store that fails is a problem, and nothing is kept of the try", async () => {
  const person = await bed.world.person();
  bed.stubs.script("stripe", { status: 503, times: 2 });
  const key = { idempotencyKey: "again" };
  expect(codes(await start(person, key))).toEqual(["STORE_UNAVAILABLE"]);
  expect((await start(person, key)).problems).toEqual([]);
});

test("a subscription is canceled with its period, and resumed; each again changes nothing", async () => {
  const { person, id } = await subscriber();
  const change = async (text: string) => Object.values(await person.must(text, { input: { id } }));
  for (let times = 0; times < 2; times += 1) {
    expect(await change(CANCEL)).toEqual([
      expect.objectContaining({
        problems: [],
        subscription: expect.objectContaining({ cancelAtPeriodEnd: true, entitled: true }),
      }),
    ]);
  }
  for (let times = 0; times < 2; times += 1) {
    expect(await change(RESUME)).toEqual([
      expect.objectContaining({
        subscription: expect.objectContaining({ cancelAtPeriodEnd: false, status: "ACTIVE" }),
      }),
    ]);
  }
  const writes = bed.stubs
    .requests("stripe")
    .filter(({ method, path }) => method === "POST" && path.startsWith("/v1/subscriptions/"));
  expect(writes).toHaveLength(2);

  const portal = await person.must(PORTAL, { input: { returnUrl: "facet://plans" } });
  expect(portal.openBillingPortal.portalUrl).toContain("/portal/cus_");
  const stranger = await bed.world.person();
  const empty = await stranger.must(PORTAL, { input: { returnUrl: "facet://plans" } });
  expect(codes(empty.openBillingPortal)).toEqual(["NOTHING_BOUGHT_YET"]);
});

test("somebody else's subscription is missing, and one that has ended cannot be resumed", async () => {
  const { person, id, events } = await subscriber();
  const other = await bed.world.person();
  for (const text of [CANCEL, RESUME]) {
    const [foreign, missing] = await Promise.all([
      other.send(text, { input: { id } }),
      other.send(text, { input: { id: "sbn_0000000000000" } }),
    ]);
    expect(foreign.errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(foreign.errors?.[0]?.message).toBe(missing.errors?.[0]?.message);
  }
  const node = await other.must("query Node($id: ID!) { node(id: $id) { id } }", { id });
  expect(node).toEqual({ node: null });

  const subscription = events[0]!.data.object;
  const ended = { ...subscription, status: "canceled" };
  await bed.live([stripeEvent("customer.subscription.deleted", ended)]);
  expect(await plansOf(person)).toEqual(["FREE"]);
  const { resumeSubscription } = await person.must(RESUME, { input: { id } });
  expect(codes(resumeSubscription)).toEqual(["SUBSCRIPTION_ENDED"]);
});

test("a page that was paid long after its subscription was reported still gives the plan to who paid", async () => {
  const person = await bed.world.person();
  const customer = newCustomer();
  const subscription = stripeSubscription({ customer });
  const of = { customer, subscription: subscription.id };
  await bed.live([
    stripeEvent("customer.subscription.created", subscription),
    stripeEvent("invoice.paid", stripeInvoice({ ...of, paid: true })),
  ]);
  expect(await plansOf(person)).toEqual(["FREE"]);
  const session = stripeSession({ ...of, userId: person.userId });
  await bed.live([stripeEvent("checkout.session.completed", session)]);
  expect(await plansOf(person)).toEqual(["FREE", "PRO"]);
});

test("two changes of one second that contradict each other are settled by asking the store", async () => {
  const { person, events } = await subscriber();
  const subscription = events[2]!.data.object as ReturnType<typeof stripeSubscription>;
  const at = Math.floor(Date.now() / 1000) + 5;
  const truth = { ...subscription, cancel_at_period_end: true };
  bed.stubs.stripe.put(truth);
  await bed.live([
    stripeEvent("customer.subscription.updated", truth, at),
    stripeEvent("customer.subscription.updated", { ...subscription, status: "past_due" }, at),
  ]);
  await until(
    () => person.must(SUBSCRIPTIONS),
    ({ viewer }) =>
      viewer.subscriptions[0].status === "ACTIVE" && viewer.subscriptions[0].cancelAtPeriodEnd,
  );
});

test("only genuine webhooks of now are taken, and those of the shop are kept for later", async () => {
  const event = stripeEvent("payment_intent.succeeded", {
    id: "pi_1",
    object: "payment_intent",
    customer: newCustomer(),
  });
  const sent = async (options: { secret?: string; at?: Date }) =>
    (await deliverStripe(bed.world.url, event, options)).status;
  const minute = 60_000;
  expect(await sent({ secret: "whsec_forged" })).toBe(401);
  expect(await sent({ at: new Date(Date.now() - 6 * minute) })).toBe(401);
  expect(await sent({ at: new Date(Date.now() + 6 * minute) })).toBe(401);
  const stored = () =>
    bed.rows<{ status: string }>("select status from webhook_events where event_id = $1", [
      event.id,
    ]);
  expect(await stored()).toEqual([]);
  expect(await sent({})).toBe(200);
  expect(await sent({ secret: "whsec_of_yesterday" })).toBe(200);
  await bed.settled();
  expect(await stored()).toEqual([{ status: "IGNORED" }]);
});
