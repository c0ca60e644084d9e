export { createGoalsModule, type GoalsModule } from "./goals.module.ts";
export { achievementUnlocked, milestonesReached } from "./goals.events.ts";
export type { GoalWriter } from "./plans/plan.ports.ts";
