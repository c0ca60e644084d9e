import { domainEventType } from "../../platform/events/domain-events.ts";
import type { Metrics } from "./analyses.vocabulary.ts";

/** An analysis has succeeded; told once, in the transaction that ends its job. */
export const analysisFinished = domainEventType<{
  readonly userId: string;
  readonly analysisId: string;
  readonly metrics: Metrics;
}>("analyses.finished");
