import type { GoalMetric, GoalRequest, ProposedGoal } from "../goals.ts";
import { CARE_RULES } from "./care-rules.ts";
import { PHRASES } from "./phrases.ts";

/** Severe concerns count as so much weaker. */
const SEVERE_BONUS = 15;
const POINTS_PER_WEEK = 1.5;
const LEAST_WEEKS = 4;

const TEXTS = {
  EN: {
    overall: "your skin as a whole",
    overallAction: "Keep to a simple routine, morning and evening, and sleep enough.",
    title: (name: string, target: number) => `Bring ${name} to ${target}`,
    description: (from: number, to: number, weeks: number, action: string) =>
      `From ${from} to ${to} points in ${weeks} weeks. ${action}`,
    milestone: (score: number) => `Reach ${score} points`,
  },
  KH: {
    overall: "ស្បែកទាំងមូលរបស់អ្នក",
    overallAction: "ធ្វើតាមទម្លាប់ថែទាំសាមញ្ញ ព្រឹក និងល្ងាច ហើយគេងឱ្យគ្រប់គ្រាន់។",
    title: (name: string, target: number) => `លើក${name}ឱ្យដល់ ${target}`,
    description: (from: number, to: number, weeks: number, action: string) =>
      `ពី ${from} ទៅ ${to} ពិន្ទុ ក្នុងរយៈពេល ${weeks} សប្តាហ៍។ ${action}`,
    milestone: (score: number) => `ដល់ ${score} ពិន្ទុ`,
  },
} as const;

/**
 * Proposes goals from the numbers alone, by fixed rules, in English or Khmer: the same reading always gives the same goals.
 * Needs no network.
 */
export class RuleBasedGoalWriter {
  /** The weakest metrics that may be chosen; each is to rise by a quarter of what is missing to 100, at least by 5. */
  async propose(request: GoalRequest): Promise<ProposedGoal[]> {
    request.signal.throwIfAborted();
    const weakest = request.choices
      .flatMap((metric) => {
        const score = request.metrics[metric];
        return typeof score === "number" ? [{ metric, score }] : [];
      })
      .toSorted((a, b) => weight(request, a) - weight(request, b))
      .slice(0, request.count);
    return Promise.resolve(weakest.map((each) => goalOf(request.language, each)));
  }
}

interface Measured {
  metric: GoalMetric;
  score: number;
}

function weight({ concerns }: GoalRequest, { metric, score }: Measured): number {
  const concern = metric === "overallSkinHealthScore" ? null : CARE_RULES[metric].concern;
  const isSevere = concerns.some((each) => each.concern === concern && each.severity === "SEVERE");
  return isSevere ? score - SEVERE_BONUS : score;
}

function goalOf(language: GoalRequest["language"], { metric, score }: Measured): ProposedGoal {
  const texts = TEXTS[language];
  const isOverall = metric === "overallSkinHealthScore";
  const name = isOverall ? texts.overall : PHRASES[language].names[metric];
  const action = isOverall ? texts.overallAction : PHRASES[language].actions[metric];
  const from = Math.round(score);
  const target = Math.min(100, from + Math.max(5, Math.round((100 - from) / 4)));
  const weeks = Math.max(LEAST_WEEKS, Math.ceil((target - from) / POINTS_PER_WEEK));
  return {
    title: texts.title(name, target),
    description: texts.description(from, target, weeks, action),
    targetMetric: metric,
    target,
    weeks,
    milestones: [25, 50, 75, 100].map((percentage) => ({
      percentage,
      title: texts.milestone(Math.round(score + ((target - score) * percentage) / 100)),
    })),
  };
}
