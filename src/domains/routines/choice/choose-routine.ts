import type { SkinFindings } from "../../analyses/index.ts";
import type { ConcernSeverity, ShelfProduct, SkinConcern } from "../../catalog/index.ts";
import type { ChoiceGap, DayHalf, RoutineStepKind } from "../routines.vocabulary.ts";
import { activesIn, activesOf, companies, type Active } from "./actives.ts";
import { stepOf } from "./shelves.ts";

/** A step as it was chosen: with a product, or with the reason why there is none. */
export type ChosenStep = {
  readonly half: DayHalf;
  readonly kind: RoutineStepKind;
  /** The user's concerns that the product helps with, most severe first. */
  readonly helpsWith: readonly SkinConcern[];
  readonly actives: readonly Active[];
} & (
  | { readonly product: ShelfProduct; readonly gap: null }
  | { readonly product: null; readonly gap: ChoiceGap }
);

type Weights = ReadonlyMap<SkinConcern, number>;

interface Candidate {
  readonly product: ShelfProduct;
  readonly actives: readonly Active[];
  readonly score: number;
}

/** What the shop has for one step. */
interface Offer {
  readonly kind: RoutineStepKind;
  readonly anyOnSale: boolean;
  /** Those that suit the skin, best first. */
  readonly suitable: readonly Candidate[];
}

const WEIGHT: Readonly<Record<ConcernSeverity, number>> = { MILD: 1, MODERATE: 2, SEVERE: 3 };
const CONCERNS_COUNT = 0.75;
const TYPE_COUNTS = 0.25;
const MADE_FOR_ALL = 0.8;
const TYPE_UNKNOWN = 0.5;
/** In the evening a concern that the morning already treats counts this much. */
const TREATED_BEFORE = 0.5;
const EYE_CONCERNS: readonly SkinConcern[] = ["DARK_CIRCLES"];

/**
 * Chooses the products of a day for a skin: each step's most suitable one, so that as many steps as possible have one and no
 * half of the day holds actives that do not go together. The same findings and shelves always give the same routine.
 */
export function chooseRoutine(
  findings: SkinFindings,
  products: readonly ShelfProduct[],
): ChosenStep[] {
  const weights = new Map(
    findings.concerns.map(({ concern, severity }) => [concern, WEIGHT[severity]]),
  );
  const morning = chooseHalf("MORNING", findings, products, weights);
  const treated = new Set(morning.flatMap((step) => (step.kind === "TREAT" ? step.helpsWith : [])));
  const later = new Map(
    [...weights].map(([concern, weight]) => [
      concern,
      treated.has(concern) ? weight * TREATED_BEFORE : weight,
    ]),
  );
  const evening = chooseHalf("EVENING", findings, products, weights, later);
  return [...morning, ...evening];
}

function chooseHalf(
  half: DayHalf,
  findings: SkinFindings,
  products: readonly ShelfProduct[],
  weights: Weights,
  treatmentWeights = weights,
): ChosenStep[] {
  const offers = kindsOf(half, weights).map((kind) =>
    offerFor(kind, half, findings, products, kind === "TREAT" ? treatmentWeights : weights),
  );
  const [best = []] = companies(activesOf(half))
    .map((company) => offers.map((offer) => bestWithin(offer, company)))
    .sort((one, other) => worthOf(other) - worthOf(one));
  return offers.map((offer, index) => chosen(half, offer, best[index] ?? null, weights));
}

/** Treatment and eye care only for those who need them: they are no part of every routine. */
function kindsOf(half: DayHalf, weights: Weights): RoutineStepKind[] {
  const concerns = [...weights.keys()];
  return [
    "CLEANSE",
    ...(concerns.some((each) => !EYE_CONCERNS.includes(each)) ? (["TREAT"] as const) : []),
    ...(concerns.some((each) => EYE_CONCERNS.includes(each)) ? (["EYES"] as const) : []),
    "MOISTURIZE",
    ...(half === "MORNING" ? (["PROTECT"] as const) : []),
  ];
}

function offerFor(
  kind: RoutineStepKind,
  half: DayHalf,
  { skinType }: SkinFindings,
  products: readonly ShelfProduct[],
  weights: Weights,
): Offer {
  const onSale = products.filter((product) => stepOf(product, half) === kind);
  const relevant = new Map([...weights].filter(([concern]) => countsFor(kind, concern)));
  const suitable = onSale
    .filter(
      ({ holdsAvoided, skinTypes, skinConcerns }) =>
        !holdsAvoided &&
        (skinType === null || skinTypes.length === 0 || skinTypes.includes(skinType)) &&
        (kind !== "TREAT" || skinConcerns.some((concern) => relevant.has(concern))),
    )
    .map((product) => ({
      product,
      actives: activesIn(product.ingredientNames),
      score: scoreOf(product, skinType, relevant),
    }))
    .sort(byWorth);
  return { kind, anyOnSale: onSale.length > 0, suitable };
}

const countsFor = (kind: RoutineStepKind, concern: SkinConcern): boolean =>
  kind === "EYES" || kind === "TREAT" ? EYE_CONCERNS.includes(concern) === (kind === "EYES") : true;

/** 0–1: how many of the concerns it helps with, by their weight, and how well it fits the skin type. */
function scoreOf(
  { skinTypes, skinConcerns }: ShelfProduct,
  skinType: SkinFindings["skinType"],
  weights: Weights,
): number {
  const sum = (concerns: readonly SkinConcern[]) =>
    concerns.reduce((total, concern) => total + (weights.get(concern) ?? 0), 0);
  const all = sum([...weights.keys()]);
  const fit = skinType === null ? TYPE_UNKNOWN : skinTypes.length === 0 ? MADE_FOR_ALL : 1;
  return CONCERNS_COUNT * (all === 0 ? 0 : sum(skinConcerns) / all) + TYPE_COUNTS * fit;
}

const byWorth = (one: Candidate, other: Candidate): number =>
  other.score - one.score ||
  Number(other.product.isFeatured) - Number(one.product.isFeatured) ||
  one.product.priceMinor - other.product.priceMinor ||
  (one.product.productId < other.product.productId ? -1 : 1);

const bestWithin = ({ suitable }: Offer, company: readonly Active[]): Candidate | null =>
  suitable.find(({ actives }) => actives.every((active) => company.includes(active))) ?? null;

/** A step that has a product outweighs how well the others fit: each score is at most 1. */
const worthOf = (picks: readonly (Candidate | null)[]): number =>
  picks.reduce((worth, pick) => worth + (pick ? picks.length + pick.score : 0), 0);

function chosen(
  half: DayHalf,
  { kind, anyOnSale, suitable }: Offer,
  pick: Candidate | null,
  weights: Weights,
): ChosenStep {
  if (pick) {
    const { product, actives } = pick;
    const helpsWith = [...weights]
      .filter(([concern]) => product.skinConcerns.includes(concern))
      .sort(([, one], [, other]) => other - one)
      .map(([concern]) => concern);
    return { half, kind, product, gap: null, helpsWith, actives };
  }
  const gap = !anyOnSale
    ? "NOT_ON_SALE"
    : suitable.length === 0
      ? "NOT_FOR_THIS_SKIN"
      : "CONFLICTS";
  return { half, kind, product: null, gap, helpsWith: [], actives: [] };
}
