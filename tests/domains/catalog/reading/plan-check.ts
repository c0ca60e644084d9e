import pg from "pg";
import type { LargeShop } from "./large-shop.ts";
import {
  done,
  scanned,
  sentDuring,
  type Done,
  type PlanMode,
  type Sent,
} from "../../../support/sent-statements.ts";

/** Four pages: PostgreSQL rightly prefers reading them to any index, so there only has to be one. */
const SMALL = "categories";
const MODES: readonly PlanMode[] = ["force_custom_plan", "force_generic_plan"];

/** What is wrong with a statement of an operation. */
export interface PlanFault {
  readonly query: string;
  readonly fault: string;
}

export interface PlanBudget {
  /** Pages of 8 kB that a statement may look at. */
  readonly pages: number;
  /** Whether the few categories may be read whole. */
  readonly wholeCategories?: boolean;
}

/** Judges how PostgreSQL works on the statements of operations, as they are really sent. */
export class PlanCheck {
  private readonly known = new Map<string, boolean>();

  private constructor(
    private readonly shop: LargeShop,
    private readonly client: pg.Client,
  ) {}

  static async open(shop: LargeShop): Promise<PlanCheck> {
    const client = new pg.Client({ connectionString: shop.database.url });
    await client.connect();
    return new PlanCheck(shop, client);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  /** Statements that read a table from end to end, or more pages than they should. */
  async faultsOf(queries: readonly string[], budget: PlanBudget): Promise<PlanFault[]> {
    const faults: PlanFault[] = [];
    for (const query of queries) {
      const work = async () => {
        const { errors } = await this.shop.ask(query);
        if (errors.length > 0) faults.push({ query, fault: JSON.stringify(errors) });
      };
      for (const fault of await this.faultsIn(work, budget)) faults.push({ query, fault });
    }
    return faults;
  }

  /** The same for any work that reads. */
  async faultsIn(work: () => Promise<unknown>, budget: PlanBudget): Promise<string[]> {
    const faults: string[] = [];
    const statements = await sentDuring(work);
    if (statements.length === 0) faults.push("nothing was sent");
    for (const sent of statements) {
      for (const mode of MODES) {
        // Statements without a name are planned with their values each time.
        if (mode === "force_generic_plan" && sent.name === undefined) continue;
        faults.push(...(await this.judge(sent, mode, budget)));
      }
    }
    return faults;
  }

  /** Statements that are planned each time, or whose kept plan takes other steps than these values would get. */
  async faultsOfKeeping(query: string): Promise<string[]> {
    const faults: string[] = [];
    for (const sent of await sentDuring(() => this.shop.ask(query))) {
      const planned = await done(this.client, sent, "force_custom_plan");
      const kept = await done(this.client, sent, "auto");
      if (sent.name === undefined || !kept.isGeneric) faults.push(`not kept: ${sent.text}`);
      if (outline(kept) !== outline(planned)) faults.push(`other steps: ${sent.text}`);
    }
    return faults;
  }

  private async judge(sent: Sent, mode: PlanMode, budget: PlanBudget): Promise<string[]> {
    const result = await done(this.client, sent, mode);
    const faults = scanned(result)
      .filter((table) => table !== SMALL)
      .map((table) => `${mode} scans ${table}: ${sent.text}`);
    const isGeneric = mode === "force_generic_plan";
    if (sent.values.length > 0 && result.isGeneric !== isGeneric)
      faults.push(`${mode} was not heeded`);
    if (!isGeneric && result.pages > budget.pages)
      faults.push(`${result.pages} pages: ${sent.text}`);
    if (
      scanned(result).includes(SMALL) &&
      !budget.wholeCategories &&
      !(await this.hasIndex(sent))
    ) {
      faults.push(`no index for ${SMALL}: ${sent.text}`);
    }
    return faults;
  }

  private async hasIndex(sent: Sent): Promise<boolean> {
    const known = this.known.get(sent.text);
    if (known !== undefined) return known;
    const without: Done = await done(
      this.client,
      sent,
      "force_custom_plan",
      "set local enable_seqscan = off",
    );
    const has = !scanned(without).includes(SMALL);
    this.known.set(sent.text, has);
    return has;
  }
}

const outline = ({ steps }: Done): string =>
  steps.map((step) => `${step["Node Type"]} ${step["Index Name"] ?? ""}`).join();
