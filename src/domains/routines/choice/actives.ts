/** Families of ingredients that must not meet just anything. */
export type Active = "RETINOID" | "EXFOLIATING_ACID" | "VITAMIN_C" | "BENZOYL_PEROXIDE";

// As labels print them: INCI names, with strengths and words such as "encapsulated" around them. Salicylates that filter
// light and citric acid, which only sets the pH, are none.
const NAMES: Readonly<Record<Active, RegExp>> = {
  RETINOID:
    /\bretin(ol|al|aldehyde|oids?)\b|\bretinoic acid\b|\bretinyl \w|\w*retinoate\b|\b(adapalene|tretinoin|isotretinoin|tazarotene)\b/,
  EXFOLIATING_ACID:
    /\b(glycolic|lactic|mandelic|malic|tartaric|salicylic|lactobionic) acid\b|\bgluconolactone\b|\b[ab]ha\b/,
  VITAMIN_C: /\bascorb(ic|yl|ate)\b|\bvitamin c\b/,
  BENZOYL_PEROXIDE: /\bbenzoyl peroxide\b/,
};
const ACTIVES = Object.keys(NAMES) as Active[];

const CONFLICTS: readonly (readonly [Active, Active])[] = [
  ["RETINOID", "EXFOLIATING_ACID"],
  ["RETINOID", "VITAMIN_C"],
  ["RETINOID", "BENZOYL_PEROXIDE"],
];

/** Sunlight makes retinoids useless and the skin under them burn. */
export const EVENING_ONLY: ReadonlySet<Active> = new Set(["RETINOID"]);

/** The actives among ingredient names. */
export function activesIn(ingredientNames: readonly string[]): Active[] {
  const names = ingredientNames.map((name) => name.toLowerCase());
  return ACTIVES.filter((active) => names.some((name) => NAMES[active].test(name)));
}

/** Whether two of these actives must not be on the skin at the same time. */
export const conflictAmong = (actives: readonly Active[]): boolean =>
  CONFLICTS.some(([one, other]) => actives.includes(one) && actives.includes(other));

/** Every largest set of actives that go together: a half of the day uses actives of one of them. */
export function companies(allowed: readonly Active[] = ACTIVES): Active[][] {
  const peaceful = subsetsOf(allowed).filter((set) => !conflictAmong(set));
  return peaceful.filter(
    (set) =>
      !peaceful.some(
        (larger) => larger.length > set.length && set.every((a) => larger.includes(a)),
      ),
  );
}

const subsetsOf = (actives: readonly Active[]): Active[][] =>
  actives.reduce<Active[][]>(
    (sets, active) => [...sets, ...sets.map((set) => [...set, active])],
    [[]],
  );

/** The actives that may be used in a half of the day. */
export const activesOf = (half: "MORNING" | "EVENING"): Active[] =>
  half === "EVENING" ? [...ACTIVES] : ACTIVES.filter((active) => !EVENING_ONLY.has(active));
