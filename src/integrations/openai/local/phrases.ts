import type { FeedbackLanguage } from "../feedback.ts";
import type { CareMetric } from "./care-rules.ts";

/** Every sentence of the rule-based feedback in one language. */
export interface Phrases {
  names: Readonly<Record<CareMetric, string>>;
  actions: Readonly<Record<CareMetric, string>>;
  overall(score: number): string;
  good: string;
  fair: string;
  weak: string;
  strongest(name: string, score: number): string;
  weakest(name: string, score: number): string;
  change(points: number): string;
  improved(name: string, from: number, to: number): string;
  sunscreen: string;
  dermatologist: string;
  unmeasured: string;
}

const ENGLISH: Phrases = {
  names: {
    hydration: "hydration",
    smoothness: "smoothness",
    radiance: "radiance",
    darkSpots: "even tone",
    firmness: "firmness",
    fineLinesWrinkles: "smoothness of fine lines",
    acne: "clearness from acne",
    darkCircles: "the eye area",
    redness: "calmness of the skin",
  },
  actions: {
    hydration: "Put a moisturiser on damp skin, morning and evening.",
    smoothness: "Use a gentle exfoliant two evenings a week, never two days in a row.",
    radiance: "Use a vitamin C serum in the morning and sleep seven to eight hours.",
    darkSpots: "Treat spots with a brightening serum and never go out without sunscreen.",
    firmness: "Use a peptide cream in the evening and massage it in upwards.",
    fineLinesWrinkles: "Start with retinol on two evenings a week and raise it slowly.",
    acne: "Cleanse twice a day, use salicylic acid on spots and do not squeeze them.",
    darkCircles: "Pat a cool eye gel with caffeine around the eyes in the morning.",
    redness: "Wash with lukewarm water and choose products without fragrance.",
  },
  overall: (score) => `Your skin scores ${score} of 100 overall.`,
  good: "That is a good result: keep doing what you do.",
  fair: "That is a fair result with room to improve.",
  weak: "Your skin needs some care now, and small steps will show.",
  strongest: (name, score) => `Your strongest point is ${name} (${score}).`,
  weakest: (name, score) => `What deserves most attention is ${name} (${score}).`,
  change: (points) =>
    points > 0
      ? `That is ${points} points more than last time.`
      : points < 0
        ? `That is ${-points} points less than last time; one picture can differ by light alone.`
        : "That is the same as last time.",
  improved: (name, from, to) => `Better than last time: ${name}, from ${from} to ${to}.`,
  sunscreen: "Wear sunscreen of SPF 30 or more every day.",
  dermatologist: "One finding is strong: please let a dermatologist look at it.",
  unmeasured: "The picture did not give enough to score your skin.",
};

const KHMER: Phrases = {
  names: {
    hydration: "សំណើមស្បែក",
    smoothness: "ភាពរលោងនៃស្បែក",
    radiance: "ភាពភ្លឺថ្លា",
    darkSpots: "ភាពស្មើនៃសម្បុរស្បែក",
    firmness: "ភាពតឹងណែន",
    fineLinesWrinkles: "ស្បែកគ្មានជ្រួញ",
    acne: "ស្បែកគ្មានមុន",
    darkCircles: "ស្បែកជុំវិញភ្នែក",
    redness: "ភាពស្ងប់នៃស្បែក",
  },
  actions: {
    hydration: "លាបឡេផ្តល់សំណើមលើស្បែកសើមៗ ព្រឹក និងល្ងាច។",
    smoothness: "ជម្រះកោសិកាស្បែកចាស់ថ្នមៗ ពីរដងក្នុងមួយសប្តាហ៍។",
    radiance: "ប្រើសេរ៉ូមវីតាមីន C ពេលព្រឹក ហើយគេងឱ្យគ្រប់គ្រាន់។",
    darkSpots: "ប្រើសេរ៉ូមបំភ្លឺស្បែក និងលាបឡេការពារកម្តៅថ្ងៃជានិច្ច។",
    firmness: "លាបក្រែមដែលមាន Peptides នៅពេលល្ងាច។",
    fineLinesWrinkles: "ចាប់ផ្តើមប្រើ Retinol ពីរល្ងាចក្នុងមួយសប្តាហ៍ រួចបន្ថែមបន្តិចម្តងៗ។",
    acne: "លាងមុខពីរដងក្នុងមួយថ្ងៃ ហើយកុំច្របាច់មុន។",
    darkCircles: "លាបជែលត្រជាក់ជុំវិញភ្នែកនៅពេលព្រឹក។",
    redness: "លាងមុខដោយទឹកក្តៅឧណ្ហៗ ហើយជ្រើសរើសផលិតផលគ្មានក្លិនក្រអូប។",
  },
  overall: (score) => `ពិន្ទុស្បែករបស់អ្នកគឺ ${score} ក្នុងចំណោម 100។`,
  good: "លទ្ធផលនេះល្អណាស់ សូមបន្តថែទាំដូចនេះ។",
  fair: "លទ្ធផលនេះគួរសម ហើយអាចប្រសើរជាងនេះទៀត។",
  weak: "ស្បែករបស់អ្នកត្រូវការការថែទាំបន្ថែម។",
  strongest: (name, score) => `ចំណុចល្អបំផុត៖ ${name} (${score})។`,
  weakest: (name, score) => `ចំណុចដែលត្រូវយកចិត្តទុកដាក់៖ ${name} (${score})។`,
  change: (points) =>
    points > 0
      ? `កើនឡើង ${points} ពិន្ទុធៀបនឹងលើកមុន។`
      : points < 0
        ? `ថយចុះ ${-points} ពិន្ទុធៀបនឹងលើកមុន។ ពន្លឺក្នុងរូបថតអាចធ្វើឱ្យពិន្ទុខុសគ្នា។`
        : "ពិន្ទុដូចលើកមុន។",
  improved: (name, from, to) => `ប្រសើរជាងលើកមុន៖ ${name} ពី ${from} ដល់ ${to}។`,
  sunscreen: "លាបឡេការពារកម្តៅថ្ងៃ SPF 30 ឡើងទៅជារៀងរាល់ថ្ងៃ។",
  dermatologist: "មានបញ្ហាមួយធ្ងន់ធ្ងរ សូមពិគ្រោះជាមួយគ្រូពេទ្យសើស្បែក។",
  unmeasured: "រូបថតនេះមិនគ្រប់គ្រាន់ដើម្បីវាយតម្លៃស្បែកទេ។",
};

export const PHRASES: Readonly<Record<FeedbackLanguage, Phrases>> = { EN: ENGLISH, KH: KHMER };
