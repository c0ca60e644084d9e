import { expect, test } from "@jest/globals";
import { dayOf, monthOf } from "../../../src/domains/billing/quota.period.ts";

const day = (now: string, zone: string | null) => {
  const { start, end } = dayOf(new Date(now), zone);
  return [start, end.toISOString()];
};

test("a day is the user's own, and UTC's when nobody knows the zone", () => {
  expect(day("2026-11-21T18:30:00Z", "Asia/Phnom_Penh")).toEqual([
    "2026-11-22",
    "2026-11-22T17:00:00.000Z",
  ]);
  for (const zone of [null, "Nowhere/At_All", "UTC"]) {
    expect(day("2026-11-21T23:59:59.999Z", zone)).toEqual([
      "2026-11-21",
      "2026-11-22T00:00:00.000Z",
    ]);
  }
});

test("days on which the clocks are changed are shorter or longer", () => {
  expect(day("2026-03-29T12:00:00Z", "Europe/Berlin")).toEqual([
    "2026-03-29",
    "2026-03-29T22:00:00.000Z",
  ]);
  expect(day("2026-10-24T23:30:00Z", "Europe/Berlin")).toEqual([
    "2026-10-25",
    "2026-10-25T23:00:00.000Z",
  ]);
});

test("a month is UTC's", () => {
  const { start, end } = monthOf(new Date("2026-12-31T23:59:59Z"));
  expect([start, end.toISOString()]).toEqual(["2026-12-01", "2027-01-01T00:00:00.000Z"]);
});
