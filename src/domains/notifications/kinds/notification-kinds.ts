import { registerEnumType } from "type-graphql";
import { achievementUnlocked } from "./achievement-unlocked.ts";
import { goalMilestone } from "./goal-milestone.ts";
import { jobFailed } from "./job-failed.ts";
import { jobSucceeded } from "./job-succeeded.ts";
import type { NotificationKind } from "./notification-kind.ts";
import { paymentProblem } from "./payment-problem.ts";
import { weeklyReward } from "./weekly-reward.ts";

/** Everything that users are told about. A new kind is a file beside this one and a line here. */
export const notificationKinds: readonly NotificationKind[] = [
  jobSucceeded,
  jobFailed,
  paymentProblem,
  weeklyReward,
  goalMilestone,
  achievementUnlocked,
];

/** The names of all kinds. Rows of others, which a newer release has written, are not shown. */
export const knownKinds: readonly string[] = notificationKinds.map(({ kind }) => kind);

const byName = new Map(notificationKinds.map((each) => [each.kind, each]));

/** The kind of a row. */
export function kindOf(name: string): NotificationKind {
  const kind = byName.get(name);
  if (!kind) throw new Error(`There are no notifications of kind ${name}.`);
  return kind;
}

/** The kinds, as the GraphQL enum `NotificationKind`. */
export const NotificationKinds: Readonly<Record<string, string>> = Object.fromEntries(
  knownKinds.map((name) => [name, name]),
);
registerEnumType(NotificationKinds, {
  name: "NotificationKind",
  description: "What users are told about.",
  valuesConfig: Object.fromEntries(
    notificationKinds.map(({ kind, description }) => [kind, { description }]),
  ),
});
