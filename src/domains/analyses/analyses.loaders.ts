import type DataLoader from "dataloader";
import { oneByKey } from "../../platform/graphql/loaders.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import type { AnalysisDocument } from "./analysis.document.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** What an analysis found, by its id. Does not judge ownership. */
    analysisDocument: DataLoader<string, AnalysisDocument | null>;
  }
}

/** The loaders of one operation. */
export const createAnalysesLoaders = (analyses: AnalysesRepository) => ({
  analysisDocument: oneByKey<string, AnalysisDocument>(
    (ids) => analyses.byIds(ids),
    (document) => document._id,
  ),
});
