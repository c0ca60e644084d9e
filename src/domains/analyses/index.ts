export { createAnalysesModule, type AnalysesModule } from "./analyses.module.ts";
export { analysisFinished } from "./analyses.events.ts";
export { refuseAnalysis } from "./analyses.problems.ts";
export type { FeedbackWriter, ProductFinder, SkinAnalyzer } from "./analyses.ports.ts";
export { SkinAnalysis } from "./analyses.types.ts";
export { METRICS, SkinMetricNames, type Metric, type Metrics } from "./analyses.vocabulary.ts";
export type { AnalysisReadings } from "./analysis-readings.ts";
export type { RecentAnalyses, RecentAnalysis } from "./recent-analyses.ts";
export type { FindingsService, SkinFindings } from "./findings.service.ts";
