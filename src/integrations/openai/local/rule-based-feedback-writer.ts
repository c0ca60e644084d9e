import type { FeedbackRequest, MetricScores, SkinFeedback } from "../feedback.ts";
import { ALLERGIC, CARE_RULES, EXPECTING, RETINOIDS, type CareMetric } from "./care-rules.ts";
import { PHRASES, type Phrases } from "./phrases.ts";

const GOOD_FROM = 80;
const FAIR_FROM = 60;
/** A smaller rise may be nothing but another light. */
const REAL_CHANGE = 3;
/** How much weaker a metric counts when the person said that it matters to them. */
const CARES_BONUS = 15;
const FOCUS_COUNT = 3;

interface Measured {
  metric: CareMetric;
  score: number;
}

/**
 * Writes feedback from the numbers alone, by fixed rules, in English or Khmer: the same reading
 * always gives the same text. Needs no network.
 */
export class RuleBasedFeedbackWriter {
  async write(request: FeedbackRequest): Promise<SkinFeedback> {
    request.signal.throwIfAborted();
    const phrases = PHRASES[request.language];
    const measured = measuredMetrics(request.reading.metrics);
    const focus = weakestFirst(measured, request.concerns)
      .filter(({ score }) => score < GOOD_FROM)
      .slice(0, FOCUS_COUNT);
    return Promise.resolve({
      summary: summarise(request, measured, phrases),
      improvements: improvements(request, measured, phrases),
      actions: actions(request, focus, phrases),
      ...ingredients(request, focus),
    });
  }
}

function measuredMetrics(metrics: MetricScores): Measured[] {
  return (Object.keys(CARE_RULES) as CareMetric[]).flatMap((metric) => {
    const score = metrics[metric];
    return typeof score === "number" ? [{ metric, score: Math.round(score) }] : [];
  });
}

function weakestFirst(measured: readonly Measured[], concerns: readonly string[]): Measured[] {
  const cared = new Set(concerns.map((one) => one.toUpperCase()));
  const weight = ({ metric, score }: Measured) =>
    cared.has(CARE_RULES[metric].concern) ? score - CARES_BONUS : score;
  return measured.toSorted((a, b) => weight(a) - weight(b));
}

function summarise(request: FeedbackRequest, measured: Measured[], phrases: Phrases): string {
  const overall = overallScore(request.reading.metrics, measured);
  if (overall === null) return phrases.unmeasured;
  const sentences = [phrases.overall(overall)];
  const before = request.previous && overallScore(request.previous.metrics, []);
  if (typeof before === "number") sentences.push(phrases.change(overall - before));
  sentences.push(
    overall >= GOOD_FROM ? phrases.good : overall >= FAIR_FROM ? phrases.fair : phrases.weak,
  );
  const sorted = weakestFirst(measured, []);
  const [weakest, strongest] = [sorted[0], sorted.at(-1)];
  if (strongest)
    sentences.push(phrases.strongest(phrases.names[strongest.metric], strongest.score));
  if (weakest && weakest !== strongest && weakest.score < GOOD_FROM) {
    sentences.push(phrases.weakest(phrases.names[weakest.metric], weakest.score));
  }
  return sentences.join(" ");
}

function overallScore(metrics: MetricScores, measured: readonly Measured[]): number | null {
  const given = metrics["overallSkinHealthScore"];
  if (typeof given === "number") return Math.round(given);
  if (measured.length === 0) return null;
  return Math.round(measured.reduce((sum, { score }) => sum + score, 0) / measured.length);
}

function improvements(request: FeedbackRequest, measured: Measured[], phrases: Phrases): string[] {
  const before = request.previous?.metrics ?? {};
  return measured
    .flatMap(({ metric, score }) => {
      const earlier = before[metric];
      return typeof earlier === "number" ? [{ metric, score, earlier: Math.round(earlier) }] : [];
    })
    .filter(({ score, earlier }) => score - earlier >= REAL_CHANGE)
    .sort((a, b) => b.score - b.earlier - (a.score - a.earlier))
    .map(({ metric, score, earlier }) => phrases.improved(phrases.names[metric], earlier, score));
}

function actions(request: FeedbackRequest, focus: Measured[], phrases: Phrases): string[] {
  const expecting = EXPECTING.test(request.notes ?? "");
  // The advice for fine lines is retinol, which is not for everybody.
  const suitable = focus.filter(({ metric }) => !(expecting && metric === "fineLinesWrinkles"));
  const severe = request.reading.concerns.some(({ severity }) => severity === "SEVERE");
  return [
    ...(severe ? [phrases.dermatologist] : []),
    ...suitable.map(({ metric }) => phrases.actions[metric]),
    phrases.sunscreen,
  ];
}

function ingredients(request: FeedbackRequest, focus: Measured[]) {
  const notes = request.notes ?? "";
  const rules = focus.map(({ metric }) => CARE_RULES[metric]);
  const avoid = new Set(rules.flatMap((rule) => rule.avoid));
  if (EXPECTING.test(notes)) for (const one of RETINOIDS) avoid.add(one);
  if (ALLERGIC.test(notes) || request.reading.skinType?.type === "SENSITIVE") {
    avoid.add("Fragrance");
  }
  const recommended = new Set(rules.flatMap((rule) => rule.recommend));
  return {
    recommendedIngredients: [...recommended].filter((one) => !avoid.has(one)),
    ingredientsToAvoid: [...avoid],
  };
}
