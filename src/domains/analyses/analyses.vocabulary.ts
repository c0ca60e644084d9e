import { registerEnumType } from "type-graphql";

const names = <const T extends readonly string[]>(values: T): { [K in T[number]]: K } =>
  Object.fromEntries(values.map((value) => [value, value])) as { [K in T[number]]: K };

/** Fields of a reading, in the order in which they are shown. */
export const METRICS = [
  "overallSkinHealthScore",
  "hydration",
  "smoothness",
  "radiance",
  "darkSpots",
  "firmness",
  "fineLinesWrinkles",
  "acne",
  "darkCircles",
  "redness",
] as const;
export type Metric = (typeof METRICS)[number];
/** 0 to 100, 100 is best, null is not measured. */
export type Metrics = Readonly<Record<Metric, number | null>>;

/** The metrics as enum values for arguments, and the fields they stand for. */
export const SkinMetricNames = {
  OVERALL_SKIN_HEALTH: "overallSkinHealthScore",
  HYDRATION: "hydration",
  SMOOTHNESS: "smoothness",
  RADIANCE: "radiance",
  DARK_SPOTS: "darkSpots",
  FIRMNESS: "firmness",
  FINE_LINES_WRINKLES: "fineLinesWrinkles",
  ACNE: "acne",
  DARK_CIRCLES: "darkCircles",
  REDNESS: "redness",
} as const satisfies Record<string, Metric>;
registerEnumType(SkinMetricNames, {
  name: "SkinMetric",
  description: "What an analysis measures; each from 0 to 100, 100 is best.",
  valuesConfig: {
    OVERALL_SKIN_HEALTH: { description: "All in all." },
    HYDRATION: { description: "How well hydrated the skin looks." },
    SMOOTHNESS: { description: "How even the surface is." },
    RADIANCE: { description: "How bright and lively the skin looks." },
    DARK_SPOTS: { description: "How free of dark spots." },
    FIRMNESS: { description: "How firm the contours look." },
    FINE_LINES_WRINKLES: { description: "How free of lines and wrinkles." },
    ACNE: { description: "How free of acne." },
    DARK_CIRCLES: { description: "How free of dark circles under the eyes." },
    REDNESS: { description: "How free of redness." },
  },
});

export const AnalysisFocuses = names(["GENERAL", "ACNE"]);
export type AnalysisFocus = keyof typeof AnalysisFocuses;
registerEnumType(AnalysisFocuses, {
  name: "AnalysisFocus",
  description: "What an analysis looks at most closely.",
  valuesConfig: {
    GENERAL: { description: "The whole skin." },
    ACNE: { description: "Kinds and severity of acne as well." },
  },
});

export const Severities = names(["MILD", "MODERATE", "SEVERE"]);
export type Severity = keyof typeof Severities;
registerEnumType(Severities, {
  name: "Severity",
  description: "How marked something is.",
  valuesConfig: {
    MILD: { description: "Slight." },
    MODERATE: { description: "Clear." },
    SEVERE: { description: "Strong." },
  },
});

export const AcneSeverities = names(["NONE", "MILD", "MODERATE", "SEVERE"]);
export type AcneSeverity = keyof typeof AcneSeverities;
registerEnumType(AcneSeverities, {
  name: "AcneSeverity",
  description: "How marked a kind of acne is.",
  valuesConfig: {
    NONE: { description: "Not found." },
    MILD: { description: "Slight." },
    MODERATE: { description: "Clear." },
    SEVERE: { description: "Strong." },
  },
});

export const AcneKinds = names(["INFLAMMATORY", "COMEDONAL", "POST_ACNE_MARKS"]);
export type AcneKind = keyof typeof AcneKinds;
registerEnumType(AcneKinds, {
  name: "AcneKind",
  description: "Kinds of acne.",
  valuesConfig: {
    INFLAMMATORY: { description: "Red, inflamed spots." },
    COMEDONAL: { description: "Blackheads and whiteheads." },
    POST_ACNE_MARKS: { description: "Marks that healed spots left." },
  },
});

export const FaceAreas = names([
  "FOREHEAD",
  "LEFT_CHEEK",
  "RIGHT_CHEEK",
  "NOSE",
  "CHIN",
  "UNDER_EYES",
]);
export type FaceArea = keyof typeof FaceAreas;
registerEnumType(FaceAreas, {
  name: "FaceArea",
  description: "Parts of the face; left and right as seen in the picture.",
  valuesConfig: {
    FOREHEAD: { description: "Forehead." },
    LEFT_CHEEK: { description: "Cheek on the left of the picture." },
    RIGHT_CHEEK: { description: "Cheek on the right of the picture." },
    NOSE: { description: "Nose." },
    CHIN: { description: "Chin." },
    UNDER_EYES: { description: "Below the eyes." },
  },
});

export const SkinTones = names(["VERY_LIGHT", "LIGHT", "INTERMEDIATE", "TAN", "BROWN", "DARK"]);
export type SkinTone = keyof typeof SkinTones;
registerEnumType(SkinTones, {
  name: "SkinTone",
  description: "Classes of the individual typology angle.",
  valuesConfig: {
    VERY_LIGHT: { description: "Angle above 55°." },
    LIGHT: { description: "Angle from 41° to 55°." },
    INTERMEDIATE: { description: "Angle from 28° to 41°." },
    TAN: { description: "Angle from 10° to 28°." },
    BROWN: { description: "Angle from −30° to 10°." },
    DARK: { description: "Angle below −30°." },
  },
});

export const AnalysisParts = names([
  "FEEDBACK",
  "RECOMMENDED_PRODUCTS",
  "WEB_FINDS",
  "ANNOTATIONS",
]);
export type AnalysisPart = keyof typeof AnalysisParts;
registerEnumType(AnalysisParts, {
  name: "AnalysisPart",
  description: "Parts that an analysis can do without.",
  valuesConfig: {
    FEEDBACK: { description: "The written feedback." },
    RECOMMENDED_PRODUCTS: { description: "Products of our catalogue." },
    WEB_FINDS: { description: "Products found on the web." },
    ANNOTATIONS: { description: "Pictures that mark what was found." },
  },
});

export const ProductPriorities = names(["HIGH", "MEDIUM", "LOW"]);
export type ProductPriority = keyof typeof ProductPriorities;
registerEnumType(ProductPriorities, {
  name: "ProductPriority",
  description: "How much a product would help.",
  valuesConfig: {
    HIGH: { description: "Begin with these." },
    MEDIUM: { description: "Good to have." },
    LOW: { description: "A further choice." },
  },
});
