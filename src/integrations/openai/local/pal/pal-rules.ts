import type { PalAnalysis, PalBackground } from "../../pal/pal-talk.ts";
import { CARE_RULES, EXPECTING, RETINOIDS, type CareMetric } from "../care-rules.ts";
import { PHRASES } from "../phrases.ts";
import { PAL_PHRASES, type PalPhrases } from "./pal-phrases.ts";

const MOST = 3;
const METRIC_NAMES = Object.keys(CARE_RULES) as CareMetric[];

/** Words that name a metric. In Khmer the word for pimples also means "before", after other words. */
const NAMED: readonly (readonly [CareMetric, RegExp])[] = [
  ["hydration", /\b(hydrat\w*|moistur\w*|dry\w*)\b|សំណើម|ស្ងួត/i],
  ["smoothness", /\b(smooth\w*|textur\w*|rough\w*)\b|រលោង/i],
  ["radiance", /\b(radian\w*|glow\w*|dull\w*)\b|ភ្លឺ|ស្រអាប់/i],
  ["darkSpots", /\b(dark spots?|pigment\w*|even tone|freckles?)\b|ជាំ|អុចខ្មៅ/i],
  ["firmness", /\b(firm\w*|sag\w*|elastic\w*)\b|តឹង/i],
  ["fineLinesWrinkles", /\b(wrinkl\w*|fine lines?)\b|ជ្រួញ/i],
  ["acne", /\b(acne|pimpl\w*|breakouts?|blemish\w*)\b|(?<!លើក|ពី|កាល)មុន(?!នេះ)/i],
  ["darkCircles", /\b(dark circles?|eye ?bags?|under.?eye)\b|ជុំវិញភ្នែក/i],
  ["redness", /\b(red|redness|flush\w*)\b|ក្រហម/i],
];

interface Asked {
  readonly text: string;
  readonly background: PalBackground;
  readonly newest: PalAnalysis;
  readonly previous: PalAnalysis | null;
  readonly language: "EN" | "KH";
  readonly phrases: PalPhrases;
}

/** The first rule that has something to say says it. */
const RULES: readonly ((asked: Asked) => string | null)[] = [
  ({ text, ...asked }) => (/\b(goals?|targets?)\b|គោលដៅ/i.test(text) ? goals(asked) : null),
  (asked) => named(asked),
  (asked) =>
    /\b(progress|better|worse|improv\w*|chang\w*|since|trend|last time|compare\w*)\b|ប្រែប្រួល|ប្រសើរ|លើកមុន/i.test(
      asked.text,
    )
      ? changes(asked)
      : null,
  (asked) =>
    /\b(ingredients?|products?|avoid|serum|cream)\b|គ្រឿងផ្សំ|ផលិតផល|ជៀសវាង/i.test(asked.text)
      ? ingredients(asked)
      : null,
  (asked) =>
    /\b(should i|how (do|can|to)|what (can|to)|advice|advise|tips?|routine|help)\b|គួរ|ណែនាំ|ជួយ/i.test(
      asked.text,
    )
      ? advice(asked)
      : null,
  ({ text, newest, phrases }) =>
    /\b(concerns?|problems?|wrong|issues?)\b|បញ្ហា/i.test(text) ? concerns(newest, phrases) : null,
  (asked) => overview(asked),
];

/** What the rules say to a question; null background counts as one without analyses. */
export function answerBy(
  text: string,
  background: PalBackground | null,
  language: "EN" | "KH",
): string {
  const phrases = PAL_PHRASES[language];
  const [newest, previous = null] = background?.analyses ?? [];
  if (/\b(thanks|thank you)\b|អរគុណ/i.test(text)) return phrases.thanks;
  if (/\b(who|what) are you\b|អ្នកជានរណា/i.test(text)) {
    return `${phrases.introduction} ${phrases.abilities}`;
  }
  const isGreeting = /^\s*(hi|hello|hey)\b|សួស្តី|ជំរាបសួរ/i.test(text);
  const greeting = isGreeting ? `${phrases.hello} ` : "";
  if (!background || !newest) return `${greeting}${phrases.noAnalysis}`;
  const asked: Asked = { text, background, newest, previous, language, phrases };
  for (const rule of RULES) {
    const answer = rule(asked);
    if (answer !== null) return `${greeting}${answer}`;
  }
  return phrases.abilities;
}

function goals({ background, phrases }: Pick<Asked, "background" | "phrases">): string {
  const { goals: open } = background;
  if (open.length === 0) return phrases.noGoals;
  const told = open.map(({ title, value, target, deadline }) =>
    phrases.goal(title, Math.round(value), Math.round(target), deadline),
  );
  return [phrases.goals(open.length), ...told].join(" ");
}

function named({ text, newest, previous, language, phrases }: Asked): string | null {
  const metric = NAMED.find(([, words]) => words.test(text))?.[0];
  if (metric === undefined) return null;
  const name = PHRASES[language].names[metric];
  const score = scoreOf(newest, metric);
  if (score === null) return phrases.notMeasured(name);
  const before = previous && scoreOf(previous, metric);
  return [
    phrases.metric(name, score, newest.date),
    ...(previous && before !== null
      ? [phrases.sinceDate(previous.date), change(phrases, name, before, score)]
      : []),
    PHRASES[language].actions[metric],
  ].join(" ");
}

function changes({ newest, previous, language, phrases }: Asked): string {
  if (!previous) return phrases.onlyOne;
  const changed = METRIC_NAMES.flatMap((metric) => {
    const [from, to] = [scoreOf(previous, metric), scoreOf(newest, metric)];
    return from === null || to === null || from === to ? [] : [{ metric, from, to }];
  })
    .toSorted((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
    .slice(0, MOST);
  const overall = [scoreOf(previous, OVERALL), scoreOf(newest, OVERALL)] as const;
  const lines = changed.map(({ metric, from, to }) =>
    change(phrases, PHRASES[language].names[metric], from, to),
  );
  return [
    phrases.sinceDate(previous.date),
    ...(overall[0] !== null && overall[1] !== null
      ? [change(phrases, phrases.overallName, overall[0], overall[1])]
      : []),
    ...(lines.length > 0 ? lines : [phrases.nothingChanged]),
  ].join(" ");
}

function ingredients({ text, newest, phrases }: Asked): string {
  const weak = weakest(newest);
  const given = newest.feedback;
  const good = given?.recommendedIngredients ?? weak.flatMap((each) => CARE_RULES[each].recommend);
  const bad = given?.ingredientsToAvoid ?? weak.flatMap((each) => CARE_RULES[each].avoid);
  const isExpecting = EXPECTING.test(text);
  const list = (items: readonly string[]) => [...new Set(items)].join(", ");
  const recommended = good.filter((each) => !isExpecting || !RETINOIDS.includes(each));
  return [
    ...(recommended.length > 0 ? [phrases.recommended(list(recommended))] : []),
    ...(bad.length > 0 || isExpecting
      ? [phrases.avoid(list([...bad, ...(isExpecting ? RETINOIDS : [])]))]
      : []),
  ].join(" ");
}

function advice({ newest, language, phrases }: Asked): string {
  const given = newest.feedback?.actions ?? [];
  const own = weakest(newest).map((metric) => PHRASES[language].actions[metric]);
  const severe = newest.concerns.some(({ severity }) => severity === "SEVERE");
  return [
    phrases.advice((given.length > 0 ? given.slice(0, MOST) : own).join(" ")),
    ...(severe ? [PHRASES[language].dermatologist] : []),
  ].join(" ");
}

function concerns({ concerns: found }: PalAnalysis, phrases: PalPhrases): string {
  if (found.length === 0) return phrases.noConcerns;
  const words = (name: string) => name.toLowerCase().replaceAll("_", " ");
  return phrases.concerns(
    found.map(({ concern, severity }) => `${words(concern)} (${words(severity)})`).join(", "),
  );
}

function overview({ newest, language, phrases }: Asked): string {
  const overall = scoreOf(newest, OVERALL);
  const measured = measuredOf(newest);
  const [low, high] = [measured[0], measured.at(-1)];
  const { names, weakest: weak, strongest } = PHRASES[language];
  return [
    overall === null ? phrases.unscored(newest.date) : phrases.overview(newest.date, overall),
    ...(high ? [strongest(names[high.metric], high.score)] : []),
    ...(low && low !== high ? [weak(names[low.metric], low.score)] : []),
    phrases.abilities,
  ].join(" ");
}

const OVERALL = "overallSkinHealthScore";

function change(phrases: PalPhrases, name: string, from: number, to: number): string {
  if (from === to) return phrases.same(name, to);
  return to > from ? phrases.better(name, from, to) : phrases.worse(name, from, to);
}

function scoreOf({ metrics }: PalAnalysis, metric: string): number | null {
  const score = metrics[metric] ?? null;
  return score === null ? null : Math.round(score);
}

/** Lowest first. */
function measuredOf(analysis: PalAnalysis): { metric: CareMetric; score: number }[] {
  return METRIC_NAMES.flatMap((metric) => {
    const score = scoreOf(analysis, metric);
    return score === null ? [] : [{ metric, score }];
  }).toSorted((a, b) => a.score - b.score);
}

const weakest = (analysis: PalAnalysis): CareMetric[] =>
  measuredOf(analysis)
    .slice(0, 2)
    .map(({ metric }) => metric);
