import type { InvoiceReport, SubscriptionReport, SubscriptionStatus } from "../billing.ports.ts";

/** Above the ranks of all stores: what was read from the store, and not pushed by it. */
const READ_RANK = 1_000_000;
const MAX_FAILURES = 100;

/** All that a store said last of a subscription. */
export interface Snapshot {
  /** By the store's clock. */
  readonly at: Date;
  readonly rank: number;
  readonly productId: string;
  readonly status: SubscriptionStatus;
  readonly periodEnd: Date | null;
  readonly graceUntil: Date | null;
  readonly cancelAtPeriodEnd: boolean;
}

/**
 * What is kept of a store's reports. Each part only moves towards the newest report by the store's own clock, so that
 * the same reports leave the same state in whatever order and however often they come.
 */
export interface Registers {
  readonly snapshot: Snapshot | null;
  /** When a bill was last paid. */
  readonly paidAt: Date | null;
  /** When payments failed since then, in order. */
  readonly failedAt: readonly Date[];
}

/** Where a subscription stands by its registers. */
export interface Standing {
  readonly status: SubscriptionStatus;
  readonly pastDueSince: Date | null;
}

/** Adds what a store pushed. `contradicts`: another report of the same moment and rank says something else. */
export function foldSnapshot(
  registers: Registers,
  report: SubscriptionReport,
): { readonly registers: Registers; readonly contradicts: boolean } {
  const snapshot = snapshotOf(report, report.occurredAt, report.rank);
  const known = registers.snapshot;
  if (!known) return { registers: { ...registers, snapshot }, contradicts: false };
  const order = snapshot.at.getTime() - known.at.getTime() || snapshot.rank - known.rank;
  const differs = textOf(snapshot) !== textOf(known);
  const sameMoment = snapshot.at.getTime() === known.at.getTime();
  const contradicts = differs && sameMoment && (order === 0 || known.rank === READ_RANK);
  const wins = order > 0 || (order === 0 && textOf(snapshot) > textOf(known));
  return { registers: wins ? { ...registers, snapshot } : registers, contradicts };
}

/** Puts what was read from the store in the place of all that is known; only for registers that the read saw. */
export function foldRead(registers: Registers, report: SubscriptionReport): Registers {
  const times = [report.occurredAt, registers.snapshot?.at, registers.paidAt];
  const newest = [...times, ...registers.failedAt].map((time) => time?.getTime() ?? 0);
  return {
    ...registers,
    snapshot: snapshotOf(report, new Date(Math.max(...newest)), READ_RANK),
  };
}

/** Adds the outcome of a payment. Of one moment, the payment that worked counts. */
export function foldInvoice(registers: Registers, report: InvoiceReport): Registers {
  const { paidAt, failedAt } = registers;
  const at = report.occurredAt;
  if (report.outcome === "PAID") {
    if (paidAt !== null && paidAt >= at) return registers;
    return { ...registers, paidAt: at, failedAt: failedAt.filter((failed) => failed > at) };
  }
  const isKnown = failedAt.some((failed) => failed.getTime() === at.getTime());
  if (isKnown || (paidAt !== null && paidAt >= at)) return registers;
  const all = [...failedAt, at].sort((a, b) => a.getTime() - b.getTime());
  return { ...registers, failedAt: all.slice(0, MAX_FAILURES) };
}

/** A payment that is newer than the snapshot goes above it; one of the same moment does not. */
export function standingOf({ snapshot, paidAt, failedAt }: Registers): Standing {
  if (!snapshot) return { status: "INCOMPLETE", pastDueSince: null };
  const lastFailure = failedAt.at(-1);
  let { status } = snapshot;
  if (lastFailure !== undefined && lastFailure > snapshot.at) {
    if (RUNNING.has(status)) status = "PAST_DUE";
  } else if (paidAt !== null && paidAt > snapshot.at && WAITING.has(status)) {
    status = "ACTIVE";
  }
  return { status, pastDueSince: status === "PAST_DUE" ? (failedAt[0] ?? snapshot.at) : null };
}

/** Whether only the store can tell what is true: snapshot and payment of one moment disagree, or a paid period is not known. */
export function isUnclear({ snapshot, paidAt, failedAt }: Registers): boolean {
  if (!snapshot || snapshot.rank === READ_RANK) return false;
  const at = snapshot.at.getTime();
  const failedNow = RUNNING.has(snapshot.status) && failedAt.at(-1)?.getTime() === at;
  const paidNow = WAITING.has(snapshot.status) && paidAt?.getTime() === at;
  const { periodEnd } = snapshot;
  const paidPeriodUnknown =
    paidAt !== null && paidAt > snapshot.at && periodEnd !== null && periodEnd <= paidAt;
  return failedNow || paidNow || paidPeriodUnknown;
}

const RUNNING: ReadonlySet<SubscriptionStatus> = new Set(["ACTIVE", "TRIALING"]);
const WAITING: ReadonlySet<SubscriptionStatus> = new Set(["PAST_DUE", "INCOMPLETE"]);

function snapshotOf(report: SubscriptionReport, at: Date, rank: number): Snapshot {
  const { productId, status, periodEnd, graceUntil, cancelAtPeriodEnd } = report;
  return { at, rank, productId, status, periodEnd, graceUntil, cancelAtPeriodEnd };
}

const textOf = ({ at: _at, rank: _rank, ...content }: Snapshot): string => JSON.stringify(content);
