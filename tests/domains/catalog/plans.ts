import type { ReadLimits } from "../../../src/platform/db/database.ts";
import type { Shop } from "./shop.ts";

/** One step of a plan, as EXPLAIN (FORMAT JSON) tells it. */
export interface PlanStep {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Plan Rows": number;
  Plans?: PlanStep[];
}

/** All steps of all statements of an operation, as PostgreSQL plans them with the values that were sent. */
export async function plansOf(shop: Shop, query: string): Promise<PlanStep[]> {
  const { database } = shop;
  const { query: read, queryWithin: search } = database;
  const steps: PlanStep[] = [];
  type Explained = { "QUERY PLAN": { Plan: PlanStep }[] };
  const keep = ([row]: Explained[]) => steps.push(...flatten(row!["QUERY PLAN"][0]!.Plan));
  const explained = (text: string) => `explain (format json) ${text}`;
  database.query = (async (text: string, values: readonly unknown[], name?: string) => {
    keep((await read.call(database, explained(text), values)) as Explained[]);
    return read.call(database, text, values, name);
  }) as typeof read;
  database.queryWithin = (async (limits: ReadLimits, text: string, values: readonly unknown[]) => {
    keep((await search.call(database, limits, explained(text), values)) as Explained[]);
    return search.call(database, limits, text, values);
  }) as typeof search;
  try {
    const answer = await shop.ask(query);
    if (answer.errors.length > 0) throw new Error(JSON.stringify(answer.errors));
    return steps;
  } finally {
    Object.assign(database, { query: read, queryWithin: search });
  }
}

const flatten = (step: PlanStep): PlanStep[] => [step, ...(step.Plans ?? []).flatMap(flatten)];

/** The large tables that a plan reads from end to end. */
export const scannedTables = (steps: readonly PlanStep[]): string[] =>
  steps
    .filter((step) => step["Node Type"] === "Seq Scan")
    .map((step) => step["Relation Name"] ?? "")
    .filter((table) => ["products", "reviews", "product_categories"].includes(table));
