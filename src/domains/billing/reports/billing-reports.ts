import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { BillingReport } from "../billing.ports.ts";

type Kind = BillingReport["kind"];
type ReportOf<K extends Kind> = Extract<BillingReport, { readonly kind: K }>;
type Reaction<K extends Kind> = (tx: Tx, report: ReportOf<K>) => Promise<void>;

/** Hands what stores report to the service that is responsible for its kind. */
export class BillingReports {
  private readonly reactions = new Map<Kind, Reaction<Kind>>();

  /**
   * Makes a service responsible for a kind. The reaction runs in the caller's transaction and calls no network. Reports
   * come in any order and more than once: the same reports must leave the same state.
   * @throws Error when somebody else is responsible already
   */
  on<K extends Kind>(kind: K, reaction: Reaction<K>): void {
    if (this.reactions.has(kind)) throw new Error(`Two services take reports of ${kind}.`);
    this.reactions.set(kind, reaction as unknown as Reaction<Kind>);
  }

  /** Applies a report in the caller's transaction. @returns false when nobody is responsible for its kind */
  async apply(tx: Tx, report: BillingReport): Promise<boolean> {
    const react = this.reactions.get(report.kind);
    if (!react) return false;
    await react(tx, report);
    return true;
  }
}
