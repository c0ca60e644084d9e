import { expect, test } from "@jest/globals";
import type {
  InvoiceReport,
  SubscriptionReport,
  SubscriptionStatus,
} from "../../../src/domains/billing/billing.ports.ts";
import {
  foldInvoice,
  foldRead,
  foldSnapshot,
  isUnclear,
  standingOf,
  type Registers,
} from "../../../src/domains/billing/subscriptions/subscription.state.ts";

const NOTHING: Registers = { snapshot: null, paidAt: null, failedAt: [] };
const T0 = Date.parse("2026-11-21T00:00:00Z");
const at = (seconds: number): Date => new Date(T0 + seconds * 1000);
const origin = {
  store: "STRIPE",
  customerId: "cus_1",
  userId: null,
  sandbox: false,
  subscriptionId: "sub_1",
} as const;

const snapshot = (
  seconds: number,
  status: SubscriptionStatus,
  change: Partial<SubscriptionReport> = {},
): SubscriptionReport => ({
  kind: "SUBSCRIPTION",
  ...origin,
  occurredAt: at(seconds),
  productId: "price_pro_monthly",
  status,
  periodEnd: at(1_000_000),
  graceUntil: null,
  cancelAtPeriodEnd: false,
  rank: 2,
  ...change,
});
const invoice = (seconds: number, outcome: InvoiceReport["outcome"]): InvoiceReport => ({
  kind: "INVOICE",
  ...origin,
  occurredAt: at(seconds),
  invoiceId: `in_${seconds}`,
  outcome,
  amount: 1_990,
  currency: "USD",
});
const fold = (registers: Registers, report: SubscriptionReport | InvoiceReport): Registers =>
  report.kind === "INVOICE"
    ? foldInvoice(registers, report)
    : foldSnapshot(registers, report).registers;
const foldAll = (...reports: (SubscriptionReport | InvoiceReport)[]): Registers =>
  reports.reduce(fold, NOTHING);

/** A small generator of numbers from 0 to 1, the same ones each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test("2,000 random lives, with contradictions within a second, end alike in each order and with each repetition", () => {
  const statuses = ["INCOMPLETE", "TRIALING", "ACTIVE", "PAST_DUE", "PAUSED", "CANCELED"] as const;
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const roll = dice(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
    const reports = Array.from({ length: 3 + Math.floor(roll() * 8) }, () => {
      const seconds = Math.floor(roll() * 6);
      if (roll() < 0.5) return invoice(seconds, pick(["PAID", "FAILED"]));
      const change = { rank: pick([1, 2, 3]), cancelAtPeriodEnd: roll() < 0.5 };
      return snapshot(seconds, pick(statuses), change);
    });
    const expected = foldAll(...reports);
    for (let shuffle = 0; shuffle < 4; shuffle += 1) {
      const again = [...reports, ...reports.filter(() => roll() < 0.5)]
        .map((report) => ({ report, place: roll() }))
        .sort((a, b) => a.place - b.place)
        .map(({ report }) => report);
      expect(foldAll(...again)).toEqual(expected);
    }
  }
});

test("a payment that failed after the last snapshot makes it past due from the first failure on; one that worked heals it", () => {
  const active = snapshot(0, "ACTIVE");
  const failing = foldAll(invoice(20, "FAILED"), active, invoice(10, "FAILED"));
  expect(standingOf(failing)).toEqual({ status: "PAST_DUE", pastDueSince: at(10) });
  // What the store says of it later does not make the grace longer.
  const told = fold(failing, snapshot(21, "PAST_DUE"));
  expect(standingOf(told)).toEqual({ status: "PAST_DUE", pastDueSince: at(10) });
  expect(standingOf(fold(told, invoice(30, "PAID"))).status).toBe("ACTIVE");
  expect(standingOf(fold(failing, invoice(15, "PAID")))).toEqual({
    status: "PAST_DUE",
    pastDueSince: at(20),
  });
  const ended = fold(failing, snapshot(25, "CANCELED", { rank: 3 }));
  expect(standingOf(fold(ended, invoice(40, "PAID"))).status).toBe("CANCELED");
});

test("without a snapshot nothing is given, whatever was paid", () => {
  expect(standingOf(foldAll(invoice(1, "PAID"))).status).toBe("INCOMPLETE");
});

test("only contradictions that no rank settles are unclear", () => {
  const known = foldAll(snapshot(5, "ACTIVE"));
  expect(foldSnapshot(known, snapshot(5, "ACTIVE")).contradicts).toBe(false);
  expect(foldSnapshot(known, snapshot(5, "PAUSED")).contradicts).toBe(true);
  expect(foldSnapshot(known, snapshot(5, "CANCELED", { rank: 3 })).contradicts).toBe(false);
  expect(foldSnapshot(known, snapshot(6, "PAUSED")).contradicts).toBe(false);
  expect(isUnclear(fold(known, invoice(5, "FAILED")))).toBe(true);
  expect(isUnclear(fold(known, invoice(6, "FAILED")))).toBe(false);
  const short = foldAll(snapshot(5, "ACTIVE", { periodEnd: at(10) }));
  expect(isUnclear(fold(short, invoice(11, "PAID")))).toBe(true);
});

test("what was read goes above all that came before, and below what happens later", () => {
  const contested = foldAll(snapshot(5, "ACTIVE"), invoice(5, "FAILED"));
  const read = foldRead(contested, snapshot(3, "PAUSED"));
  expect(standingOf(read).status).toBe("PAUSED");
  expect(isUnclear(read)).toBe(false);
  const late = foldSnapshot(read, snapshot(5, "CANCELED", { rank: 3 }));
  expect(late.contradicts).toBe(true);
  expect(standingOf(late.registers).status).toBe("PAUSED");
  expect(standingOf(fold(read, snapshot(6, "ACTIVE"))).status).toBe("ACTIVE");
});
