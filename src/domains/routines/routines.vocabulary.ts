import { registerEnumType } from "type-graphql";

/** The halves of the day, in order. */
export const DayHalves = { MORNING: "MORNING", EVENING: "EVENING" } as const;
export type DayHalf = keyof typeof DayHalves;

export const RoutineStepKinds = {
  CLEANSE: "CLEANSE",
  TREAT: "TREAT",
  EYES: "EYES",
  MOISTURIZE: "MOISTURIZE",
  PROTECT: "PROTECT",
} as const;
export type RoutineStepKind = keyof typeof RoutineStepKinds;
registerEnumType(RoutineStepKinds, {
  name: "RoutineStepKind",
  description: "What a step of a routine is for.",
  valuesConfig: {
    CLEANSE: { description: "Washes the face." },
    TREAT: { description: "Works on the concerns." },
    EYES: { description: "Cares for the skin around the eyes." },
    MOISTURIZE: { description: "Keeps water in the skin." },
    PROTECT: { description: "Sunscreen; in the morning." },
  },
});

/** Why the shop had nothing for a step when the plan was made. */
export const CHOICE_GAPS = ["NOT_ON_SALE", "NOT_FOR_THIS_SKIN", "CONFLICTS"] as const;
export type ChoiceGap = (typeof CHOICE_GAPS)[number];

export const RoutineGaps = {
  NOT_ON_SALE: "NOT_ON_SALE",
  NOT_FOR_THIS_SKIN: "NOT_FOR_THIS_SKIN",
  CONFLICTS: "CONFLICTS",
  NO_LONGER_SOLD: "NO_LONGER_SOLD",
} as const;
export type RoutineGap = keyof typeof RoutineGaps;
registerEnumType(RoutineGaps, {
  name: "RoutineGap",
  description: "Why a step has no product.",
  valuesConfig: {
    NOT_ON_SALE: { description: "The shop had none in stock." },
    NOT_FOR_THIS_SKIN: {
      description: "None suited the skin type, its concerns or what it avoids.",
    },
    CONFLICTS: {
      description: "Those that suited do not go with the rest of this half of the day.",
    },
    NO_LONGER_SOLD: { description: "It was chosen, and the shop has stopped selling it." },
  },
});
