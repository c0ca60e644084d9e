import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { openStoreBed, pathOf, type OpenStore, type StoreBed } from "./store-bed.ts";

let bed: StoreBed;
beforeEach(async () => {
  bed = await openStoreBed();
});
afterEach(() => bed.close());

async function buyCredits({ store, post }: OpenStore) {
  const checkout = await store.creditStore?.startCheckout({
    userId: `usr_${randomUUID().replaceAll("-", "")}`,
    email: null,
    name: null,
    productId: "pdt_credits_5",
    reference: randomUUID(),
    returnUrl: "https://app.facet.example/",
    cancelUrl: "https://app.facet.example/",
  });
  await post(`${pathOf(checkout?.url ?? "")}/pay`);
}

const waiting = () => readdir(join(bed.dir, "webhooks", "waiting"));

test("an event is sent until it is answered with 200, and with nothing else", async () => {
  bed.answerWith(500, 204);
  await buyCredits(await bed.open());
  await bed.arrived(1);
  expect(bed.refused()).toBe(2);
  await until(waiting, (names) => names.length === 0);
});

test("what one process could not send, the next one sends", async () => {
  bed.answerWith(503);
  const first = await bed.open();
  await buyCredits(first);
  await until(() => bed.refused() === 1);
  await first.store.stop();
  expect(bed.received).toEqual([]);
  expect(await waiting()).toHaveLength(1);
  await bed.open();
  await bed.arrived(1);
});

test("an event whose process died before it was put in line is sent by the next one", async () => {
  const first = await bed.open({ sends: false });
  await buyCredits(first);
  await rm(join(bed.dir, "webhooks"), { recursive: true });
  await bed.open();
  expect(await bed.arrived(1)).toHaveLength(1);
  await bed.open();
  await buyCredits(first);
  const ids = (await bed.arrived(2)).map(({ eventId }) => eventId);
  expect(new Set(ids).size).toBe(2);
});

test("a process that serves nobody leaves sending to one that does", async () => {
  await bed.open();
  await buyCredits(await bed.open({ sends: false }));
  await bed.arrived(1);
});
