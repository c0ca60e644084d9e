import { randomUUID } from "node:crypto";
import { GenerateGoalsDocument, WatchGoalPlanDocument } from "../../../client/generated/graphql.ts";
import { DemoFailed } from "../demo-failed.ts";
import { done, follow, type DemoUser } from "../demo-user.ts";
import { words, wrap } from "../report.ts";
import { analyze } from "./analysis.ts";

const STAGES = { READING: "Reading the analysis", WRITING: "Thinking of goals", SAVING: "Saving" };

/** Analyses the photo and prints goals for what was found. */
export async function showGoals(user: DemoUser): Promise<void> {
  const { client, terminal } = user;
  const analysis = await analyze(user);
  const { data } = await client.apollo.mutate({
    mutation: GenerateGoalsDocument,
    variables: { input: { analysisId: analysis.id, idempotencyKey: randomUUID() } },
  });
  const { id } = done(data?.generateGoals, (payload) => payload.goalPlan);
  const plan = await follow(user, WatchGoalPlanDocument, id, STAGES);
  if (plan.__typename !== "GoalPlan") throw new DemoFailed("The goals are gone.");
  for (const goal of plan.goals) {
    const way = `${words(goal.targetMetric)} ${goal.baseline.toFixed(0)} → ${goal.target.toFixed(0)} by ${String(goal.deadline).slice(0, 10)}`;
    terminal.line();
    terminal.line(`${terminal.bold(goal.title)}  ${terminal.faint(way)}`);
    for (const line of wrap(goal.description, "")) terminal.line(`  ${line}`);
    for (const { percentage, title } of goal.milestones) {
      terminal.line(`  ${String(percentage).padStart(3)} %  ${title}`);
    }
  }
}
