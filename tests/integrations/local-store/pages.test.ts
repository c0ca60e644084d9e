import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openStoreBed, pathOf, type OpenStore, type StoreBed } from "./store-bed.ts";

let bed: StoreBed;
let shop: OpenStore;
beforeAll(async () => {
  bed = await openStoreBed();
  shop = await bed.open();
});
afterAll(() => bed.close());

const open = async (email: string) => {
  const checkout = await shop.store.creditStore?.startCheckout({
    userId: "usr_0AKQSFTDATW01",
    email,
    name: null,
    productId: "pdt_credits_5",
    reference: email,
    returnUrl: "https://app.facet.example/done",
    cancelUrl: "facet://cart",
  });
  if (!checkout) throw new Error("Credits are not sold.");
  return checkout;
};

test("pages run nothing and load nothing, and forms lead only where the buyer goes next", async () => {
  const { id, url } = await open("ada@facet.example");
  const { policy, html } = await shop.get(pathOf(url));
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("form-action 'self' https://app.facet.example facet:");
  expect(policy).not.toContain("script-src");
  const pages = [html];
  for (const path of ["", `/customers/cus_${id.slice(4, 28)}`, "/apps/usr_0AKQSFTDATW01"]) {
    const page = await shop.get(`/local-store${path}`);
    expect([path, page.status]).toEqual([path, 200]);
    pages.push(page.html);
  }
  for (const each of pages) expect(each).not.toMatch(/<script|<img|\bsrc=|@import|url\(/);
});

test("whatever comes from outside is shown as text", async () => {
  const { id, url } = await open('"><script>alert(1)</script>');
  await shop.post(`${pathOf(url)}/pay`);
  const paths = [pathOf(url), "/local-store", `/local-store/customers/cus_${id.slice(4, 28)}`];
  for (const path of paths) {
    const { html } = await shop.get(path);
    expect(html).not.toContain("<script>");
    expect(html).not.toContain("<b>credits");
    expect(html).toContain("5 &lt;b&gt;credits&lt;/b&gt;");
  }
});

test("what does not exist is not found, and no path leaves the folder", async () => {
  const absent = [
    "checkouts/cs_0",
    "checkouts/..%2f..%2fetc",
    "customers/..%2f..",
    `customers/cus_${"0".repeat(24)}`,
    "apps/somebody",
    "apps?user=../..",
    "apps/usr_%3Cb%3E",
  ];
  for (const path of absent) {
    expect([path, (await shop.get(`/local-store/${path}`)).status]).toEqual([path, 404]);
  }
  const { url, id } = await open("bob@facet.example");
  const customer = `/local-store/customers/cus_${id.slice(4, 28)}`;
  const posts = [
    `${pathOf(url)}/toString`,
    `${pathOf(url)}0/pay`,
    `${customer}/subscriptions/sub_1/renew`,
    `${customer}/payments/pay_1/refund`,
  ];
  for (const path of posts) {
    expect([path, (await shop.post(path)).status]).toEqual([path, 404]);
  }
});

test("the overview leads to what is open, and to a user's phone", async () => {
  const { url } = await open("eve@facet.example");
  expect((await shop.get("/local-store")).html).toContain(pathOf(url));
  await shop.post(`${pathOf(url)}/pay`);
  expect((await shop.get("/local-store")).html).not.toContain(pathOf(url));
  const { status } = await shop.get("/local-store/apps?user=usr_0AKQSFTDATW01");
  expect(status).toBe(303);
});
