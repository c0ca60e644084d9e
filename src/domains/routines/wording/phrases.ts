import type { Language } from "../../../platform/graphql/context.ts";
import type { ChoiceGap, RoutineStepKind } from "../routines.vocabulary.ts";

/** What our own words are put together from. */
export interface RoutinePhrases {
  /** @param concerns names of concerns, most severe first; empty for none */
  summary(concerns: readonly string[]): string;
  withGaps(count: number): string;
  /** How a step is done with a product. */
  readonly use: Readonly<Record<RoutineStepKind, (product: string) => string>>;
  readonly gaps: Readonly<Record<ChoiceGap, Readonly<Record<RoutineStepKind, string>>>>;
  helps(concerns: readonly string[]): string;
  readonly slowly: string;
  readonly sunscreen: string;
  readonly patience: string;
  readonly dermatologist: string;
}

const steps = (
  names: Readonly<Record<RoutineStepKind, string>>,
  text: (name: string) => string,
): Readonly<Record<RoutineStepKind, string>> => ({
  CLEANSE: text(names.CLEANSE),
  TREAT: text(names.TREAT),
  EYES: text(names.EYES),
  MOISTURIZE: text(names.MOISTURIZE),
  PROTECT: text(names.PROTECT),
});

const ENGLISH_NAMES = {
  CLEANSE: "a mild cleanser",
  TREAT: "a serum for your concerns",
  EYES: "an eye cream",
  MOISTURIZE: "a moisturizer",
  PROTECT: "a sunscreen with SPF 30 or more",
};
const KHMER_NAMES = {
  CLEANSE: "ផលិតផលលាងមុខថ្នមៗ",
  TREAT: "សេរ៉ូមសម្រាប់បញ្ហាស្បែករបស់អ្នក",
  EYES: "ក្រែមថែទាំភ្នែក",
  MOISTURIZE: "ឡេផ្តល់សំណើម",
  PROTECT: "ឡេការពារកម្តៅថ្ងៃ SPF 30 ឡើងទៅ",
};

const ENGLISH: RoutinePhrases = {
  summary: (concerns) =>
    concerns.length === 0
      ? "A short routine that keeps your skin as good as it is."
      : `A routine for the morning and the evening. It looks after ${concerns.join(", ")}.`,
  withGaps: (count) =>
    count === 1
      ? "For one step our shop has nothing that suits you now."
      : `For ${count} steps our shop has nothing that suits you now.`,
  use: {
    CLEANSE: (product) =>
      `Massage ${product} over the damp face for half a minute and rinse with lukewarm water.`,
    TREAT: (product) => `Spread a thin layer of ${product} and let it sink in for a minute.`,
    EYES: (product) => `Pat a little ${product} around the eyes with your ring finger.`,
    MOISTURIZE: (product) => `Smooth ${product} over face and neck while the skin is still damp.`,
    PROTECT: (product) =>
      `Finish with two finger lengths of ${product}; again after two hours in the sun.`,
  },
  gaps: {
    NOT_ON_SALE: steps(ENGLISH_NAMES, (name) => `We have none in stock now. Look for ${name}.`),
    NOT_FOR_THIS_SKIN: steps(
      ENGLISH_NAMES,
      (name) => `None in our shop suits your skin now. Look for ${name} made for it.`,
    ),
    CONFLICTS: steps(
      ENGLISH_NAMES,
      (name) =>
        `None in our shop goes with the rest of this routine. Look for ${name} without strong actives.`,
    ),
  },
  helps: (concerns) => `Helps with ${concerns.join(", ")}.`,
  slowly: "Begin with two evenings a week, and use it more often as your skin gets used to it.",
  sunscreen: "Wear sunscreen every day: it protects what the rest of the routine achieves.",
  patience: "Change one product at a time and give it four weeks.",
  dermatologist: "One of your concerns is severe: please see a dermatologist as well.",
};

const KHMER: RoutinePhrases = {
  summary: (concerns) =>
    concerns.length === 0
      ? "ទម្លាប់ថែទាំខ្លីមួយ ដើម្បីរក្សាស្បែករបស់អ្នកឱ្យល្អដដែល។"
      : `ទម្លាប់ថែទាំស្បែកសម្រាប់ពេលព្រឹក និងពេលល្ងាច ដើម្បីជួយដល់៖ ${concerns.join(", ")}។`,
  withGaps: (count) => `មាន ${count} ជំហាន ដែលហាងយើងមិនទាន់មានផលិតផលសមនឹងអ្នក។`,
  use: {
    CLEANSE: (product) => `ម៉ាស្សា ${product} លើមុខសើមកន្លះនាទី រួចលាងដោយទឹកក្តៅឧណ្ហៗ។`,
    TREAT: (product) => `លាប ${product} ស្តើងៗ ហើយទុកឱ្យជ្រាបមួយនាទី។`,
    EYES: (product) => `លាប ${product} បន្តិចជុំវិញភ្នែក ដោយប្រើម្រាមដៃនាង។`,
    MOISTURIZE: (product) => `លាប ${product} លើមុខ និងក ពេលស្បែកនៅសើម។`,
    PROTECT: (product) => `បញ្ចប់ដោយលាប ${product} ហើយលាបម្តងទៀតរៀងរាល់ពីរម៉ោងពេលនៅក្រោមកម្តៅថ្ងៃ។`,
  },
  gaps: {
    NOT_ON_SALE: steps(KHMER_NAMES, (name) => `ឥឡូវនេះហាងយើងអស់ស្តុក។ សូមរក${name}។`),
    NOT_FOR_THIS_SKIN: steps(
      KHMER_NAMES,
      (name) => `ហាងយើងមិនទាន់មានអ្វីសមនឹងស្បែករបស់អ្នកទេ។ សូមរក${name}ដែលសមនឹងស្បែករបស់អ្នក។`,
    ),
    CONFLICTS: steps(
      KHMER_NAMES,
      (name) => `ហាងយើងមិនទាន់មានអ្វីដែលអាចប្រើជាមួយជំហានផ្សេងទៀតបានទេ។ សូមរក${name}ដែលគ្មានសារធាតុសកម្មខ្លាំង។`,
    ),
  },
  helps: (concerns) => `ជួយដល់៖ ${concerns.join(", ")}។`,
  slowly: "ចាប់ផ្តើមពីរល្ងាចក្នុងមួយសប្តាហ៍ រួចបន្ថែមបន្តិចម្តងៗ។",
  sunscreen: "លាបឡេការពារកម្តៅថ្ងៃជារៀងរាល់ថ្ងៃ ដើម្បីរក្សាលទ្ធផលល្អ។",
  patience: "ប្តូរផលិតផលម្តងមួយ ហើយប្រើវាឱ្យបានបួនសប្តាហ៍។",
  dermatologist: "មានបញ្ហាមួយធ្ងន់ធ្ងរ សូមពិគ្រោះជាមួយគ្រូពេទ្យសើស្បែកផងដែរ។",
};

export const PHRASES: Readonly<Record<Language, RoutinePhrases>> = { EN: ENGLISH, KH: KHMER };
