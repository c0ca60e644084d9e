/** The metrics that the rules know, besides the overall score. */
export type CareMetric =
  | "hydration"
  | "smoothness"
  | "radiance"
  | "darkSpots"
  | "firmness"
  | "fineLinesWrinkles"
  | "acne"
  | "darkCircles"
  | "redness";

export interface CareRule {
  /** The concern that goes with a low score, as readings name it. */
  concern: string;
  recommend: readonly string[];
  avoid: readonly string[];
}

/** What helps and what harms when a metric is low; general cosmetic knowledge, no medicine. */
export const CARE_RULES: Readonly<Record<CareMetric, CareRule>> = {
  hydration: {
    concern: "DRYNESS",
    recommend: ["Hyaluronic Acid", "Glycerin", "Ceramides"],
    avoid: ["Denatured Alcohol"],
  },
  smoothness: {
    concern: "TEXTURE",
    recommend: ["Lactic Acid", "Niacinamide"],
    avoid: ["Coarse Scrub Particles"],
  },
  radiance: {
    concern: "DULLNESS",
    recommend: ["Vitamin C", "Lactic Acid"],
    avoid: ["Denatured Alcohol"],
  },
  darkSpots: {
    concern: "DARK_SPOTS",
    recommend: ["Vitamin C", "Tranexamic Acid", "Zinc Oxide"],
    avoid: ["Lemon Oil"],
  },
  firmness: {
    concern: "LOSS_OF_FIRMNESS",
    recommend: ["Peptides", "Retinol"],
    avoid: ["Denatured Alcohol"],
  },
  fineLinesWrinkles: {
    concern: "FINE_LINES",
    recommend: ["Retinol", "Peptides", "Zinc Oxide"],
    avoid: ["Denatured Alcohol"],
  },
  acne: {
    concern: "ACNE",
    recommend: ["Salicylic Acid", "Niacinamide", "Azelaic Acid"],
    avoid: ["Coconut Oil", "Isopropyl Myristate"],
  },
  darkCircles: {
    concern: "DARK_CIRCLES",
    recommend: ["Caffeine", "Vitamin K"],
    avoid: ["Fragrance"],
  },
  redness: {
    concern: "REDNESS",
    recommend: ["Centella Asiatica", "Panthenol", "Azelaic Acid"],
    avoid: ["Fragrance", "Menthol"],
  },
};

/** Not for use in pregnancy and while breastfeeding. */
export const RETINOIDS: readonly string[] = ["Retinol"];
export const EXPECTING = /pregnan|breast.?feed|nursing|ផ្ទៃពោះ|បំបៅ/i;
export const ALLERGIC = /allerg|sensitive|irritat|អាឡែស៊ី|ងាយប្រតិកម្ម/i;
