import { randomUUID } from "node:crypto";
import {
  RecommendRoutineDocument,
  WatchRoutinePlanDocument,
  type WatchRoutinePlanSubscription,
} from "../../../client/generated/graphql.ts";
import { DemoFailed } from "../demo-failed.ts";
import { done, follow, type DemoUser } from "../demo-user.ts";
import { words, wrap } from "../report.ts";
import type { Terminal } from "../terminal.ts";
import { analyze } from "./analysis.ts";

type Plan = Extract<
  WatchRoutinePlanSubscription["jobChanged"]["job"],
  { __typename: "RoutinePlan" }
>;
type Step = NonNullable<Plan["routine"]>["morning"][number];

const STAGES = { CHOOSING: "Choosing products", WRITING: "Writing", SAVING: "Saving" };
const KIND_WIDTH = 12;
const PRICE_WIDTH = 11;

/** Analyses the photo and prints a morning and an evening for it. */
export async function showRoutine(user: DemoUser): Promise<void> {
  const { client, terminal } = user;
  const analysis = await analyze(user);
  const { data } = await client.apollo.mutate({
    mutation: RecommendRoutineDocument,
    variables: { input: { analysisId: analysis.id, idempotencyKey: randomUUID() } },
  });
  const { id } = done(data?.recommendRoutine, (payload) => payload.routinePlan);
  const plan = await follow(user, WatchRoutinePlanDocument, id, STAGES);
  const routine = plan.__typename === "RoutinePlan" ? plan.routine : null;
  if (!routine) throw new DemoFailed("The routine is gone.");
  terminal.line();
  for (const line of wrap(routine.summary, "")) terminal.line(line);
  table("Morning", routine.morning, terminal);
  table("Evening", routine.evening, terminal);
  terminal.line();
  for (const tip of routine.tips) for (const line of wrap(`• ${tip}`, "  ")) terminal.line(line);
  const { amount, currency } = routine.total;
  terminal.line();
  terminal.line(`${terminal.bold(`${amount} ${currency}`)} for all of it, each product once.`);
}

function table(title: string, steps: readonly Step[], terminal: Terminal): void {
  terminal.line();
  terminal.line(terminal.bold(title));
  for (const { kind, product, gap, instruction } of steps) {
    const price = product ? `${product.price.amount} ${product.price.currency}` : "";
    const name = product ? `${product.name} by ${product.brand}` : `none: ${words(gap ?? "")}`;
    terminal.line(`  ${words(kind).padEnd(KIND_WIDTH)}${price.padStart(PRICE_WIDTH)}  ${name}`);
    const indent = " ".repeat(2 + KIND_WIDTH + PRICE_WIDTH + 2);
    for (const line of wrap(instruction, "", 64)) terminal.line(indent + terminal.faint(line));
  }
}
