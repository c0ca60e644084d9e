import type { RecentAnalyses, RecentAnalysis } from "../../analyses/index.ts";
import type { SkinBackground } from "../chat.ports.ts";
import type { ChatAssistant } from "../chat.vocabulary.ts";

const MOST_ANALYSES = 5;
const MOST_GOALS = 20;

/** A goal, as far as Pal is told about it. */
type ToldGoal = SkinBackground["goals"][number];

export interface BackgroundSources {
  readonly analyses: Pick<RecentAnalyses, "of">;
  /** The goals of a user. */
  readonly goals: {
    page(
      userId: string,
      status: "ACTIVE",
      page: { limit: number; backward: boolean; beyond: null },
    ): Promise<readonly ToldGoal[]>;
  };
}

/** What an assistant is told about a user at this moment; null for an assistant that is told nothing. */
export type BackgroundOf = (
  assistant: ChatAssistant,
  userId: string,
) => Promise<SkinBackground | null>;

/** Pal knows the skin; nobody else does. A reply to somebody whose analyses cannot be read is tried again later. */
export const createBackgroundOf =
  ({ analyses, goals }: BackgroundSources): BackgroundOf =>
  async (assistant, userId) => {
    if (assistant !== "PAL") return null;
    const page = { limit: MOST_GOALS, backward: false, beyond: null };
    const [recent, open] = await Promise.all([
      analyses.of(userId, MOST_ANALYSES),
      goals.page(userId, "ACTIVE", page),
    ]);
    return { analyses: recent.map(told), goals: open.slice(0, MOST_GOALS).map(toldGoal) };
  };

// What is told is named one by one: ids, pictures and the user's notes stay here.
function told(
  { at, reading, feedback }: RecentAnalysis,
  index: number,
): SkinBackground["analyses"][number] {
  return {
    date: at.toISOString().slice(0, 10),
    metrics: reading.metrics,
    skinType: reading.skinType?.type ?? null,
    concerns: reading.concerns.map(({ concern, severity, affectedAreas }) => ({
      concern,
      severity,
      affectedAreas,
    })),
    feedback:
      feedback === null || index > 0
        ? null
        : {
            summary: feedback.summary,
            actions: feedback.actions,
            recommendedIngredients: feedback.recommendedIngredients,
            ingredientsToAvoid: feedback.ingredientsToAvoid,
          },
  };
}

const toldGoal = ({ title, metric, baseline, target, value, deadline }: ToldGoal): ToldGoal => ({
  title,
  metric,
  baseline,
  target,
  value,
  deadline,
});
