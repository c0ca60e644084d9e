import type { WatchSkinAnalysisSubscription } from "../../client/generated/graphql.ts";
import type { Terminal } from "./terminal.ts";

/** The analysis as its subscription shows it. */
export type WatchedAnalysis = Extract<
  WatchSkinAnalysisSubscription["jobChanged"]["job"],
  { __typename: "SkinAnalysis" }
>;

type Result = NonNullable<WatchedAnalysis["result"]>;

const METRICS: readonly (readonly [Exclude<keyof Result["metrics"], "__typename">, string])[] = [
  ["overallSkinHealthScore", "Overall"],
  ["hydration", "Hydration"],
  ["smoothness", "Smoothness"],
  ["radiance", "Radiance"],
  ["darkSpots", "Few dark spots"],
  ["firmness", "Firmness"],
  ["fineLinesWrinkles", "Few lines"],
  ["acne", "Little acne"],
  ["darkCircles", "No dark circles"],
  ["redness", "Little redness"],
];
const LABEL_WIDTH = 17;
const TEXT_WIDTH = 92;

/** The lines that tell what an analysis found. */
export function report(analysis: WatchedAnalysis, terminal: Terminal): string[] {
  const { result } = analysis;
  if (!result) return ["The result cannot be read at the moment."];
  return [
    ...section("Metrics (100 is best)", metricLines(result, terminal)),
    ...section("Skin", skinLines(result)),
    ...section("Concerns", concernLines(result)),
    ...section("Advice", adviceLines(result)),
    ...section("Recommended products", productLines(result, terminal)),
    ...section(
      "Found on the web",
      (result.webFinds ?? []).flatMap((find) => [
        `${find.title}${find.price === null ? "" : `, ${find.price}`}`,
        ...wrap(find.why, "  "),
        `  ${find.url}`,
      ]),
    ),
    ...section(
      "Warnings",
      result.warnings.map(({ part, code, message }) => `${words(part)}: ${message} (${code})`),
    ),
    "",
  ];

  function section(title: string, lines: readonly string[]): string[] {
    return lines.length === 0
      ? []
      : ["", terminal.bold(title), ...lines.map((line) => `  ${line}`)];
  }
}

const metricLines = ({ metrics }: Result, terminal: Terminal): string[] =>
  METRICS.map(([name, label]) => {
    const value = metrics[name];
    const shown = value === null ? "not measured" : value.toFixed(0).padStart(3);
    return `${label.padEnd(LABEL_WIDTH)}${terminal.bar(value ?? 0)} ${shown}`;
  });

function skinLines({ skinType, skinTone }: Result): string[] {
  return [
    ...(skinType ? [`Type  ${words(skinType.type)} (${percent(skinType.confidence)} sure)`] : []),
    ...(skinTone ? [`Tone  ${words(skinTone)}`] : []),
  ];
}

const concernLines = ({ concerns }: Result): string[] =>
  concerns.map(({ concern, severity, confidence, affectedAreas }) => {
    const where = affectedAreas.length === 0 ? "" : `: ${affectedAreas.map(words).join(", ")}`;
    return `${words(concern).padEnd(LABEL_WIDTH)}${words(severity).padEnd(9)} ${percent(confidence)}${where}`;
  });

function adviceLines({ feedback }: Result): string[] {
  if (!feedback) return [];
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : wrap(`${title}: ${items.join(", ")}`, "");
  return [
    ...wrap(feedback.summary, ""),
    ...[...feedback.improvements, ...feedback.actions].flatMap((text) => wrap(`• ${text}`, "  ")),
    ...list("Look for", feedback.recommendedIngredients),
    ...list("Stay away from", feedback.ingredientsToAvoid),
  ];
}

function productLines({ recommendedProducts }: Result, terminal: Terminal): string[] {
  return (recommendedProducts ?? []).flatMap(({ product, reason, priority }) => {
    if (!product) return [];
    const price = `${product.price.amount} ${product.price.currency}`;
    const shelf = product.categories.map(({ name }) => name).join(", ");
    return [
      `${price.padStart(11)}  ${product.name} by ${product.brand} ${terminal.faint(`[${words(priority)}; ${shelf}]`)}`,
      ...wrap(reason, "").map((line) => `             ${terminal.faint(line)}`),
    ];
  });
}

/** DARK_SPOTS → dark spots. */
export const words = (name: string): string => name.toLowerCase().replaceAll("_", " ");

const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

/** Breaks text into lines; all but the first begin with the indent. */
export function wrap(text: string, indent: string, width = TEXT_WIDTH): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + word.length >= width) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
