import { GraphQLDateTime } from "graphql-scalars";
import { Field, Float, Int, ObjectType } from "type-graphql";
import { connectionTypes } from "../../platform/graphql/connection.ts";
import { Node } from "../../platform/graphql/node.ts";
import type { Job } from "../../platform/jobs/job.ts";
import { JobInterface } from "../../platform/jobs/job.types.ts";
import {
  Product,
  SkinConcerns,
  SkinTypes,
  type SkinConcern,
  type SkinType,
} from "../catalog/index.ts";
import type { AnalysisWarning as StoredWarning } from "./analysis.document.ts";
import {
  AcneKinds,
  AcneSeverities,
  AnalysisFocuses,
  AnalysisParts,
  FaceAreas,
  ProductPriorities,
  Severities,
  SkinMetricNames,
  SkinTones,
  type AcneKind,
  type AcneSeverity,
  type AnalysisFocus,
  type AnalysisPart,
  type FaceArea,
  type Metric,
  type Metrics,
  type ProductPriority,
  type Severity,
  type SkinTone,
} from "./analyses.vocabulary.ts";

const metric = (description: string) => ({ nullable: true, description });

@ObjectType({ description: "The ten metrics, 0 to 100, 100 is best; null when not measured." })
export class SkinMetrics {
  @Field(() => Float, metric("All in all."))
  overallSkinHealthScore!: number | null;
  @Field(() => Float, metric("How well hydrated the skin looks."))
  hydration!: number | null;
  @Field(() => Float, metric("How even the surface is."))
  smoothness!: number | null;
  @Field(() => Float, metric("How bright and lively the skin looks."))
  radiance!: number | null;
  @Field(() => Float, metric("How free of dark spots."))
  darkSpots!: number | null;
  @Field(() => Float, metric("How firm the contours look."))
  firmness!: number | null;
  @Field(() => Float, metric("How free of lines and wrinkles."))
  fineLinesWrinkles!: number | null;
  @Field(() => Float, metric("How free of acne."))
  acne!: number | null;
  @Field(() => Float, metric("How free of dark circles under the eyes."))
  darkCircles!: number | null;
  @Field(() => Float, metric("How free of redness."))
  redness!: number | null;
}

@ObjectType({ description: "The skin type that was found." })
export class DetectedSkinType {
  @Field(() => SkinTypes, { description: "The type." })
  type!: SkinType;
  @Field(() => Float, { description: "How sure, 0 to 1." })
  confidence!: number;
}

@ObjectType({ description: "Something about the skin that can be better." })
export class DetectedConcern {
  @Field(() => SkinConcerns, { description: "What it is." })
  concern!: SkinConcern;
  @Field(() => Severities, { description: "How marked." })
  severity!: Severity;
  @Field(() => Float, { description: "How sure, 0 to 1." })
  confidence!: number;
  @Field(() => [FaceAreas], { description: "Where it was seen." })
  affectedAreas!: FaceArea[];
}

@ObjectType({ description: "One kind of acne and how marked it is." })
export class AcneFinding {
  @Field(() => AcneKinds, { description: "The kind." })
  kind!: AcneKind;
  @Field(() => AcneSeverities, { description: "How marked." })
  severity!: AcneSeverity;
  @Field(() => Int, { nullable: true, description: "How many spots, when they were counted." })
  count!: number | null;
  @Field(() => [FaceAreas], { description: "Where they were seen." })
  areas!: FaceArea[];
}

@ObjectType({ description: "Advice written from the analysis." })
export class SkinFeedback {
  @Field(() => String, { description: "What the analysis says, in a few sentences." })
  summary!: string;
  @Field(() => [String], { description: "What is better than last time; empty the first time." })
  improvements!: string[];
  @Field(() => [String], { description: "What to do." })
  actions!: string[];
  @Field(() => [String], { description: "Ingredients to look for." })
  recommendedIngredients!: string[];
  @Field(() => [String], { description: "Ingredients to stay away from." })
  ingredientsToAvoid!: string[];
}

@ObjectType({ description: "A product of our catalogue for this skin." })
export class RecommendedProduct {
  @Field(() => Product, { nullable: true, description: "The product; null when it is gone." })
  product!: unknown;
  @Field(() => String, { description: "Why it fits." })
  reason!: string;
  @Field(() => ProductPriorities, { description: "How much it would help." })
  priority!: ProductPriority;
}

@ObjectType({ description: "A product found on the web." })
export class WebFind {
  @Field(() => String, { description: "Name of the product." })
  title!: string;
  @Field(() => String, { description: "A public https address." })
  url!: string;
  @Field(() => String, { nullable: true, description: "Price as the page shows it." })
  price!: string | null;
  @Field(() => String, { description: "Why it fits." })
  why!: string;
}

@ObjectType({ description: "A picture of the face that marks what was found." })
export class SkinAnnotation {
  @Field(() => String, { description: "What it marks." })
  concern!: string;
  @Field(() => String, { description: "Signed address, good for a few minutes." })
  imageUrl!: string;
}

@ObjectType({ description: "A part of an analysis that is missing, and why." })
export class AnalysisWarning implements StoredWarning {
  @Field(() => AnalysisParts, { description: "Which part." })
  part!: AnalysisPart;
  @Field(() => String, { description: "Stable code." })
  code!: string;
  @Field(() => String, { description: "A sentence that can be shown to the user." })
  message!: string;
}

@ObjectType({ description: "What an analysis found." })
export class SkinAnalysisResult {
  @Field(() => SkinMetrics, { description: "The ten metrics." })
  metrics!: Metrics;
  @Field(() => DetectedSkinType, { nullable: true, description: "The skin type, if it was clear." })
  skinType!: DetectedSkinType | null;
  @Field(() => SkinTones, { nullable: true, description: "The skin tone, if it was measured." })
  skinTone!: SkinTone | null;
  @Field(() => [DetectedConcern], { description: "What can be better, most marked first." })
  concerns!: DetectedConcern[];
  @Field(() => [AcneFinding], { nullable: true, description: "Only for focus ACNE." })
  acne!: AcneFinding[] | null;
  @Field(() => SkinFeedback, { nullable: true, description: "Null when a warning says why." })
  feedback!: SkinFeedback | null;
  @Field(() => [RecommendedProduct], {
    nullable: true,
    description: "Products of our catalogue, best first; null when a warning says why.",
  })
  recommendedProducts!: RecommendedProduct[] | null;
  @Field(() => [WebFind], {
    nullable: true,
    description: "Products found on the web; null when a warning says why.",
  })
  webFinds!: WebFind[] | null;
  @Field(() => [SkinAnnotation], { description: "Pictures that mark what was found." })
  annotations!: SkinAnnotation[];
  @Field(() => [AnalysisWarning], { description: "Parts that are missing." })
  warnings!: AnalysisWarning[];
  @Field(() => String, {
    description: "Version of the method; compare only what was measured alike.",
  })
  analysisVersion!: string;
}

@ObjectType({
  implements: [Node, JobInterface],
  description: "An analysis of the skin in a selfie.",
})
export class SkinAnalysis extends JobInterface {
  @Field(() => AnalysisFocuses, { description: "What it looks at most closely." })
  focus!: AnalysisFocus;
  @Field(() => [SkinConcerns], { description: "What the user said they care about." })
  statedConcerns!: SkinConcern[];
  @Field(() => String, { nullable: true, description: "What the user wrote." })
  notes!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Signed address of the selfie, good for a few minutes; null while it is not stored.",
  })
  imageUrl!: string | null;
  @Field(() => SkinAnalysisResult, {
    nullable: true,
    description: "What was found; null until it has succeeded.",
  })
  result!: SkinAnalysisResult | null;
  @Field(() => SkinAnalysis, {
    nullable: true,
    description: "The failed analysis that this repeats.",
  })
  retryOf!: SkinAnalysis | null;
}

const connection = connectionTypes<Job>("SkinAnalysis", () => SkinAnalysis as never);
export const SkinAnalysisConnection = connection.connection;

@ObjectType({ description: "A measured value at a time." })
export class SkinProgressPoint {
  @Field(() => SkinAnalysis, { description: "The analysis that measured it." })
  analysis!: unknown;
  @Field(() => GraphQLDateTime, { description: "When the analysis ended." })
  at!: Date;
  @Field(() => Float, { description: "0 to 100, 100 is best." })
  value!: number;
}

@ObjectType({ description: "How one metric went." })
export class SkinProgress {
  @Field(() => SkinMetricNames, { description: "Which metric." })
  metric!: Metric;
  @Field(() => [SkinProgressPoint], { description: "Oldest first." })
  points!: SkinProgressPoint[];
  @Field(() => Float, {
    nullable: true,
    description: "Last minus first; null with fewer than two.",
  })
  change!: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      "IMPROVING, STEADY or DECLINING, by the slope over all points; null with fewer than two.",
  })
  trend!: string | null;
}

@ObjectType({ description: "Acne over time." })
export class AcneSeverityPoint {
  @Field(() => SkinAnalysis, { description: "The analysis." })
  analysis!: unknown;
  @Field(() => GraphQLDateTime, { description: "When the analysis ended." })
  at!: Date;
  @Field(() => Float, { nullable: true, description: "How free of acne, 0 to 100." })
  score!: number | null;
  @Field(() => [AcneFinding], { nullable: true, description: "Only from analyses of focus ACNE." })
  findings!: AcneFinding[] | null;
}

@ObjectType({ description: "One metric of two analyses." })
export class MetricComparison {
  @Field(() => SkinMetricNames, { description: "Which metric." })
  metric!: Metric;
  @Field(() => Float, { nullable: true, description: "In the earlier analysis." })
  earlier!: number | null;
  @Field(() => Float, { nullable: true, description: "In the later analysis." })
  later!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: "Later minus earlier; null unless both have it.",
  })
  change!: number | null;
}

@ObjectType({ description: "Two analyses side by side, the earlier first." })
export class SkinComparison {
  @Field(() => SkinAnalysis, { description: "The earlier one." })
  earlier!: unknown;
  @Field(() => SkinAnalysis, { description: "The later one." })
  later!: unknown;
  @Field(() => [MetricComparison], { description: "All ten metrics." })
  metrics!: MetricComparison[];
  @Field(() => Boolean, { description: "Whether both were measured by the same method." })
  sameMethod!: boolean;
}
