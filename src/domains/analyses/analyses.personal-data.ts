import type { PersonalData } from "../../platform/module.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import type { AnalysisDocument } from "./analysis.document.ts";
import { analysisInputSchema } from "./analysis.input.ts";

const ASKED = analysisInputSchema.pick({ focus: true, concerns: true, notes: true });

/**
 * How analyses are handed over, moved and forgotten. Results are found by the id of their job alone, so that they follow it to
 * another account in the moment in which its row does, and go when it is deleted.
 */
export function createAnalysesPersonalData(repository: AnalysesRepository): PersonalData {
  return {
    name: "skinAnalyses",
    tables: [],
    collections: ["skin_analyses"],
    export: async (userId) => {
      const asked = await repository.askedBy(userId);
      const documents = await repository.byIds(asked.map(({ id }) => id));
      const byId = new Map(documents.map((document) => [document._id, document]));
      return asked.map(({ id, status, input, askedAt }) => {
        const { data: wish } = ASKED.safeParse(input);
        const document = byId.get(id);
        return { id, status, askedAt, ...wish, result: document && shown(document) };
      });
    },
    merge: () => Promise.resolve({}),
    erase: (userId) => repository.removeOf(userId),
  };
}

const shown = ({
  reading,
  feedback,
  recommendedProducts,
  webFinds,
  warnings,
}: AnalysisDocument) => ({ reading, feedback, recommendedProducts, webFinds, warnings });
