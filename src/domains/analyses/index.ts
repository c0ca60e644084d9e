export { createAnalysesModule } from "./analyses.module.ts";
export type { FeedbackWriter, ProductFinder, SkinAnalyzer } from "./analyses.ports.ts";
