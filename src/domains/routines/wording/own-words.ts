import { CONCERN_NAMES, type SkinConcern } from "../../catalog/index.ts";
import type { RoutineToWord, RoutineWords, StepToWord } from "../routines.ports.ts";
import { PHRASES } from "./phrases.ts";

const STRONG = ["RETINOID", "EXFOLIATING_ACID"];

/** Words a routine by fixed rules, in English or Khmer: the same routine always gets the same words. */
export function ownWords({ steps, concerns, language }: RoutineToWord): RoutineWords {
  const phrases = PHRASES[language];
  const nameOf = (concern: SkinConcern) => CONCERN_NAMES[concern][language].toLowerCase();
  const gaps = steps.filter(({ productName }) => productName === null).length;
  const summary = [
    phrases.summary(concerns.map(({ concern }) => nameOf(concern))),
    ...(gaps > 0 ? [phrases.withGaps(gaps)] : []),
  ];
  return {
    summary: summary.join(" "),
    instructions: steps.map(instruction),
    tips: [
      ...(concerns.some(({ severity }) => severity === "SEVERE") ? [phrases.dermatologist] : []),
      phrases.sunscreen,
      phrases.patience,
    ],
  };

  function instruction({ kind, productName, gap, helpsWith, actives }: StepToWord): string {
    if (productName === null) return phrases.gaps[gap ?? "NOT_ON_SALE"][kind];
    const treats = kind === "TREAT";
    return [
      phrases.use[kind](productName),
      ...(treats && helpsWith.length > 0 ? [phrases.helps(helpsWith.map(nameOf))] : []),
      ...(treats && actives.some((active) => STRONG.includes(active)) ? [phrases.slowly] : []),
    ].join(" ");
  }
}
