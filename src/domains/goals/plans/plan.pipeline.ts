import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { RunningJob } from "../../../platform/jobs/job-kind.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import { METRICS, type AnalysisReadings, type Metric, type Metrics } from "../../analyses/index.ts";
import { LIMITS } from "../goals.vocabulary.ts";
import { dayAfter } from "../goals/goal.input.ts";
import { usualMilestones } from "../goals/goal.milestones.ts";
import { rounded } from "../goals/goal.progress.ts";
import type { GoalRepository } from "../goals/goal.repository.ts";
import type { GoalService, PlannedGoal } from "../goals/goal.service.ts";
import type { ProfileService } from "../profile.service.ts";
import type { PlanInput } from "./plan.input.ts";
import type { GoalProposal, GoalWriter } from "./plan.ports.ts";

/** Where the bar stands when a stage begins, in percent. */
const PROGRESS = { READING: 5, WRITING: 20, SAVING: 90 };
const GOALS = 3;
/** A metric above this has no room for a goal. */
const GOOD_ENOUGH = 95;
/** A smaller rise may be nothing but another light. */
const SMALLEST_RISE = 2;
const WEEKS = { fewest: 2, most: 26 };
/** Notes that the provider was asked: whoever cancels then has used the plan. */
const ASKED = "asked";

export interface PlanPipelineDependencies {
  readonly readings: AnalysisReadings;
  readonly writer: GoalWriter;
  readonly goals: Pick<GoalService, "addPlanned">;
  readonly openGoals: Pick<GoalRepository, "openMetrics" | "ownerOfPlan">;
  readonly profiles: Pick<ProfileService, "today">;
  /** A pseudonym that providers may see instead of the user's id. */
  readonly hashUser: (userId: string) => string;
}

/** The work of one plan: what was measured becomes up to three goals. */
export class PlanPipeline {
  constructor(private readonly dependencies: PlanPipelineDependencies) {}

  async run(job: RunningJob<PlanInput>): Promise<void> {
    const { readings, writer, openGoals, hashUser } = this.dependencies;
    await job.enterStage("READING", PROGRESS.READING);
    const reading = await readings.of(job.input.analysisId);
    if (!reading) throw gone();
    const choices = choicesOf(reading.metrics, await openGoals.openMetrics(job.userId));
    await job.enterStage("WRITING", PROGRESS.WRITING);
    let proposals: GoalProposal[] = [];
    if (choices.length > 0) {
      await job.saveProviderSession(ASKED);
      proposals = await writer.propose({
        metrics: reading.metrics,
        choices,
        skinType: reading.skinType?.type ?? null,
        concerns: reading.concerns,
        count: Math.min(GOALS, choices.length),
        language: job.input.language,
        userHash: hashUser(job.userId),
        signal: job.signal,
      });
    }
    await job.enterStage("SAVING", PROGRESS.SAVING);
    await job.succeed((tx) => this.store(tx, job, reading.metrics, usable(proposals, choices)));
  }

  private async store(
    tx: Tx,
    job: RunningJob<PlanInput>,
    metrics: Metrics,
    proposals: readonly GoalProposal[],
  ): Promise<void> {
    const { goals, openGoals, profiles } = this.dependencies;
    // A guest's plan may have become an account's while it was written.
    const userId = await openGoals.ownerOfPlan(tx, job.id);
    const today = await profiles.today(tx, userId);
    const planned = proposals.flatMap((proposal) =>
      plannedGoal(proposal, metrics, { today, language: job.input.language }),
    );
    await goals.addPlanned(tx, { userId, planId: job.id }, planned);
  }
}

const choicesOf = (metrics: Metrics, taken: readonly string[]): Metric[] =>
  METRICS.filter((metric) => {
    const score = metrics[metric];
    return score !== null && score <= GOOD_ENOUGH && !taken.includes(metric);
  });

/** One proposal for each metric that may be chosen. */
function usable(proposals: readonly GoalProposal[], choices: readonly Metric[]): GoalProposal[] {
  const byMetric = new Map<Metric, GoalProposal>();
  for (const proposal of proposals) {
    const { targetMetric } = proposal;
    if (choices.includes(targetMetric) && !byMetric.has(targetMetric)) {
      byMetric.set(targetMetric, proposal);
    }
  }
  return [...byMetric.values()].slice(0, GOALS);
}

/** The goal of a proposal, within the limits that hold for everybody's goals; none when it says nothing. */
function plannedGoal(
  { title, description, targetMetric, target, weeks, milestones }: GoalProposal,
  metrics: Metrics,
  { today, language }: { readonly today: string; readonly language: PlanInput["language"] },
): PlannedGoal[] {
  const baseline = rounded(metrics[targetMetric] ?? 0);
  const cut = (text: string, most: number) => [...text.trim()].slice(0, most).join("");
  const name = cut(title, LIMITS.title);
  if (name === "") return [];
  const lasting = clamped(Math.round(weeks), WEEKS.fewest, WEEKS.most);
  const steps = new Map(
    milestones
      .filter(({ percentage, title: text }) => isPlace(percentage) && text.trim() !== "")
      .map((step) => [step.percentage, cut(step.title, LIMITS.milestoneTitle)]),
  );
  return [
    {
      title: name,
      description: cut(description, LIMITS.description),
      metric: targetMetric,
      baseline,
      target: clamped(rounded(target), Math.min(100, baseline + SMALLEST_RISE), 100),
      deadline: dayAfter(today, lasting * 7),
      milestones:
        steps.size === 0
          ? usualMilestones(language)
          : [...steps]
              .map(([percentage, text]) => ({ percentage, title: text }))
              .sort((a, b) => a.percentage - b.percentage)
              .slice(0, LIMITS.milestones),
    },
  ];
}

const isPlace = (percentage: number): boolean =>
  Number.isInteger(percentage) && percentage >= 1 && percentage <= 100;

const clamped = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

const gone = (): ProviderError =>
  new ProviderError({
    provider: "analyses",
    outcome: "refused_input",
    code: "ANALYSIS_GONE",
    message: "The analysis was deleted.",
  });
