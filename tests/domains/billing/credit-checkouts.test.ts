import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { openPaymentsBed, START_CREDITS_CHECKOUT, type PaymentsBed } from "./payments-bed.ts";

let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPaymentsBed();
});
afterAll(() => bed.close());

const start = async (person: TestClient, change: object = {}) =>
  (await person.must(START_CREDITS_CHECKOUT, { input: bed.wish(change) })).startCreditsCheckout;

test("the same key answers the same page, also at once and at another node", async () => {
  const person = await bed.world.person();
  const input = bed.wish();
  const pages = await Promise.all(
    [0, 1, 0, 1].map((node) =>
      person.at(bed.world.nodes[node]!.url).must(START_CREDITS_CHECKOUT, { input }),
    ),
  );
  const urls = new Set(pages.map(({ startCreditsCheckout }) => startCreditsCheckout.url));
  expect([...urls]).toEqual([expect.stringContaining("/pay/cks_")]);
  const other = { ...input, package: "CREDITS_5" };
  const { errors } = await person.send(START_CREDITS_CHECKOUT, { input: other });
  expect(errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_MISMATCH");
  expect((await start(await bed.world.person(), input)).url).not.toBe([...urls][0]);
});

test("is refused for what is not sold, and for addresses that are not ours", async () => {
  const person = await bed.world.person();
  const problemOf = async (change: object) => {
    const { url, problems } = await start(person, change);
    expect(url).toBeNull();
    return [problems[0].code, ...problems[0].path];
  };
  expect(await problemOf({ package: "CREDITS_1000" })).toEqual([
    "UNKNOWN_PACKAGE",
    "input",
    "package",
  ]);
  for (const bad of [
    "https://evil.example/paid",
    "https://shop.example.evil.example/",
    "https://shop.example@evil.example/",
    "https://me:secret@shop.example/",
    "http://shop.example/",
    "javascript:alert(1)",
    "other-app://wallet",
    "/paid",
    `https://shop.example/${"x".repeat(2_000)}`,
  ]) {
    const refusal = ["RETURN_URL_NOT_ALLOWED", "input", "returnUrl"];
    expect(await problemOf({ returnUrl: bad })).toEqual(refusal);
  }
  expect(await problemOf({ cancelUrl: "data:text/html,x" })).toContain("cancelUrl");
  expect(
    await bed.rows("select from credit_checkouts where user_id = $1", [person.userId]),
  ).toEqual([]);
});

test("a store that does not answer is a problem, and the same key works later", async () => {
  const person = await bed.world.person();
  const input = bed.wish();
  bed.stubs.script("dodo", { status: 503, times: 2 });
  expect(await start(person, input)).toMatchObject({
    url: null,
    problems: [{ code: "STORE_UNAVAILABLE" }],
  });
  expect((await start(person, input)).url).toContain("/pay/");
});
