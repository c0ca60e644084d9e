import { GraphQLDateTime } from "graphql-scalars";
import { ArgsType, Field, ID, InputType, ObjectType } from "type-graphql";
import { Payload } from "../../platform/graphql/problems.ts";
import { SkinConcerns, type SkinConcern } from "../catalog/index.ts";
import { SkinAnalysis } from "./analyses.types.ts";
import {
  AnalysisFocuses,
  SkinMetricNames,
  type AnalysisFocus,
  type Metric,
} from "./analyses.vocabulary.ts";

@InputType({ description: "A selfie and what to look for." })
export class AnalyzeSkinInput {
  @Field(() => ID, { description: "An upload of purpose SELFIE whose bytes were sent." })
  uploadId!: string;

  @Field(() => AnalysisFocuses, {
    defaultValue: "GENERAL",
    description: "What to look at most closely.",
  })
  focus!: AnalysisFocus;

  @Field(() => [SkinConcerns], {
    nullable: true,
    description: "What the user cares about; up to 10.",
  })
  concerns?: SkinConcern[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Anything to consider; up to 1,000 characters.",
  })
  notes?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same analysis; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `analyzeSkin`." })
export class AnalyzeSkinPayload extends Payload {
  @Field(() => SkinAnalysis, { nullable: true, description: "The analysis, QUEUED." })
  skinAnalysis?: unknown;
}

@InputType({ description: "Which analysis to delete." })
export class DeleteSkinAnalysisInput {
  @Field(() => ID, { description: "The analysis." })
  id!: string;
}

@ObjectType({ description: "The outcome of `deleteSkinAnalysis`." })
export class DeleteSkinAnalysisPayload extends Payload {
  @Field(() => ID, { nullable: true, description: "What was deleted." })
  deletedId?: string | null;
}

@ArgsType()
export class TimeSpanArgs {
  @Field(() => GraphQLDateTime, { nullable: true, description: "From this time on." })
  from?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Before this time." })
  to?: Date | null;
}

@ArgsType()
export class SkinProgressArgs extends TimeSpanArgs {
  @Field(() => SkinMetricNames, { description: "Which metric." })
  metric!: Metric;
}

@ArgsType()
export class CompareArgs {
  @Field(() => ID, { description: "One analysis." })
  a!: string;

  @Field(() => ID, { description: "The other analysis." })
  b!: string;
}
