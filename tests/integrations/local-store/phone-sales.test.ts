import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openStoreBed, tokenIn, type OpenStore, type StoreBed } from "./store-bed.ts";

let bed: StoreBed;
let shop: OpenStore;
beforeAll(async () => {
  bed = await openStoreBed();
  shop = await bed.open();
});
afterAll(() => bed.close());

async function phone() {
  const userId = `usr_${randomUUID().replaceAll("-", "")}`;
  const path = `/local-store/apps/${userId}`;
  const token = tokenIn((await shop.get(path)).html);
  const buy = (product: string) => shop.post(`${path}/buy`, { product, token });
  const decide = async (product: string, act: string) => {
    const { html } = await shop.get(path);
    const action = new RegExp(`data-item="${product}".*?action="([^"]+)/\\w+"`).exec(html)?.[1];
    return shop.post(`${action}/${act}`, { token });
  };
  const reports = async () => (await shop.store.appStore?.reportsOf(userId)) ?? [];
  return { userId, path, token, buy, decide, reports };
}

test("a subscription is bought, canceled, taken up, not paid, renewed, over and refunded", async () => {
  const { buy, decide, reports, userId } = await phone();
  expect(await reports()).toEqual([]);
  expect(await buy("vip_monthly")).toMatchObject({ status: 303 });
  const [begun] = await reports();
  expect(begun).toMatchObject({ kind: "SUBSCRIPTION", userId, status: "ACTIVE", sandbox: true });
  await buy("vip_monthly");
  await decide("vip_monthly", "cancel");
  expect(await reports()).toMatchObject([{ status: "ACTIVE", cancelAtPeriodEnd: true }]);
  await decide("vip_monthly", "uncancel");
  expect(await reports()).toMatchObject([{ status: "ACTIVE", cancelAtPeriodEnd: false }]);
  await decide("vip_monthly", "fail");
  expect(await reports()).toMatchObject([{ status: "PAST_DUE", graceUntil: expect.any(Date) }]);
  await decide("vip_monthly", "renew");
  expect(await reports()).toMatchObject([{ status: "ACTIVE" }]);
  await decide("vip_monthly", "expire");
  expect(await reports()).toMatchObject([{ status: "EXPIRED" }]);
  await buy("vip_monthly");
  await decide("vip_monthly", "refund");
  expect(await reports()).toMatchObject([{ status: "EXPIRED" }, { kind: "REFUND" }]);
  const types = (await bed.arrived(8)).map(({ type }) => type);
  expect(types).toEqual([
    "INITIAL_PURCHASE",
    "CANCELLATION",
    "UNCANCELLATION",
    "BILLING_ISSUE",
    "RENEWAL",
    "EXPIRATION",
    "INITIAL_PURCHASE",
    "CANCELLATION",
  ]);
});

test("points are bought as often as one likes, a plan for ever once", async () => {
  const { buy, reports } = await phone();
  for (const product of ["points_100", "points_100", "vip_lifetime", "vip_lifetime"]) {
    await buy(product);
  }
  const purchases = (await reports()).filter(({ kind }) => kind === "PURCHASE");
  expect(purchases).toMatchObject([
    { productId: "points_100", amount: 99, currency: "USD" },
    { productId: "points_100" },
    { productId: "vip_lifetime" },
  ]);
  const lifetime = (await reports()).find(
    (each) => each.kind === "SUBSCRIPTION" && each.productId === "vip_lifetime",
  );
  expect(lifetime).toMatchObject({ status: "ACTIVE", periodEnd: null });
});

test("a form that is not from the page buys nothing", async () => {
  const { path, token, reports } = await phone();
  const stranger = await phone();
  for (const bad of ["", "0".repeat(24), stranger.token]) {
    const answer = await shop.post(`${path}/buy`, { product: "points_100", token: bad });
    expect(answer.status).toBe(403);
  }
  expect((await shop.post(`${path}/buy`, { product: "price_pro_monthly", token })).status).toBe(
    404,
  );
  expect(await reports()).toEqual([]);
  expect((await shop.post("/local-store/webhooks", { held: "true" })).status).toBe(403);
});

test("what is held back is sent once it is let go, and known to who asks meanwhile", async () => {
  const overview = await shop.get("/local-store");
  const token = tokenIn(overview.html.slice(overview.html.indexOf("<h2>Webhooks")));
  await shop.post("/local-store/webhooks", { held: "true", token });
  const { buy, reports, userId } = await phone();
  await buy("points_100");
  expect(await reports()).toHaveLength(2);
  expect((await shop.get("/local-store")).html).toContain("1 on the way. They are held back.");
  expect(JSON.stringify(bed.received)).not.toContain(userId);
  const before = bed.received.length;
  await shop.post("/local-store/webhooks", { held: "false", token });
  expect(JSON.stringify(await bed.arrived(before + 1))).toContain(userId);
});
