import pg from "pg";

/** A statement as it went to PostgreSQL. */
export interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Under which it was prepared. */
  readonly name: string | undefined;
  /** Settings of its transaction, such as `set local enable_seqscan = off`. */
  readonly settings: string;
}

/** What PostgreSQL did for a statement. */
export interface Done {
  readonly steps: readonly Step[];
  /** Pages of 8 kB that were looked at. */
  readonly pages: number;
  readonly milliseconds: number;
  /** Whether the plan was made without looking at the values. */
  readonly isGeneric: boolean;
}

/** One step of a plan, as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) tells it. */
export interface Step {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  Plans?: Step[];
  "Actual Rows": number;
  "Actual Loops": number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
}

/** `auto` is how PostgreSQL works on a statement that it has often done: it may have settled on one plan. */
export type PlanMode = "force_custom_plan" | "force_generic_plan" | "auto";

/** After so many times PostgreSQL decides whether it goes on planning. */
const PLANNED_TIMES = 5;

type Query = (...given: unknown[]) => unknown;

/** The statements that reach PostgreSQL from this process while `work` runs, whoever sends them. */
export async function sentDuring(work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const settings = new WeakMap<object, string>();
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const send = prototype.query;
  prototype.query = function (this: object, ...given) {
    const [first, second] = given as [string | Partial<Sent>, unknown];
    const text = typeof first === "string" ? first : (first.text ?? "");
    const [begin, ...set] = text.split(";");
    if (/^\s*begin/i.test(begin ?? "")) settings.set(this, set.join(";"));
    else if (/^\s*(rollback|commit)/i.test(text)) settings.delete(this);
    else {
      const values = typeof first === "string" ? second : first.values;
      sent.push({
        text,
        values: Array.isArray(values) ? values : [],
        name: typeof first === "string" ? undefined : first.name,
        settings: settings.get(this) ?? "",
      });
    }
    return send.apply(this, given);
  };
  try {
    await work();
  } finally {
    prototype.query = send;
  }
  return sent;
}

/** Prepares a statement as the driver does, runs it under its settings and tells how it was done. */
export async function done(
  client: pg.Client,
  { text, values, settings }: Sent,
  mode: PlanMode,
  more = "",
): Promise<Done> {
  const literals = values.map((value) => literalOf(value)).join(", ");
  await client.query(
    `begin; set local plan_cache_mode = ${mode}; ${settings}${settings && ";"} ${more}`,
  );
  try {
    await client.query(`prepare probe as ${text}`);
    const execute = `execute probe ${literals && `(${literals})`}`;
    if (mode === "auto") {
      for (let times = 0; times < PLANNED_TIMES; times++) await client.query(execute);
    }
    const { rows } = await client.query<{
      "QUERY PLAN": { Plan: Step; "Execution Time": number }[];
    }>(`explain (analyze, buffers, timing off, format json) ${execute}`);
    const { rows: kinds } = await client.query<{ generic: string }>(
      "select generic_plans as generic from pg_prepared_statements where name = 'probe'",
    );
    const [{ Plan, "Execution Time": milliseconds }] = rows[0]!["QUERY PLAN"] as [
      { Plan: Step; "Execution Time": number },
    ];
    return {
      steps: flatten(Plan),
      pages: Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"],
      milliseconds,
      isGeneric: Number(kinds[0]?.generic) > 0,
    };
  } finally {
    await client.query("rollback");
    await client.query("deallocate all");
  }
}

const flatten = (step: Step): Step[] => [
  step,
  ...(step.Plans ?? []).flatMap((part) => flatten(part)),
];

/** The tables that a plan reads from end to end. */
export const scanned = ({ steps }: Done): string[] =>
  steps
    .filter((step) => step["Node Type"] === "Seq Scan")
    .map((step) => step["Relation Name"] ?? "");

/** A value as the driver writes it, for PostgreSQL to give it the type of its place. */
function literalOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) {
    const parts = value.map((part) => `"${String(part).replace(/["\\]/g, "\\$&")}"`);
    return pg.escapeLiteral(`{${parts.join(",")}}`);
  }
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  return pg.escapeLiteral(typeof value === "string" ? value : JSON.stringify(value));
}
