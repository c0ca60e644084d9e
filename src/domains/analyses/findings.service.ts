import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { ConcernSeverity, SkinConcern, SkinType } from "../catalog/index.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import { SKIN_ANALYSIS } from "./analyses.service.ts";
import { analysisInputSchema } from "./analysis.input.ts";

/** What an analysis says about a skin, for those who choose products by it. */
export interface SkinFindings {
  readonly skinType: SkinType | null;
  /** What was found, and what the user said to care about as MILD. Each once, most severe first. */
  readonly concerns: readonly {
    readonly concern: SkinConcern;
    readonly severity: ConcernSeverity;
  }[];
  readonly ingredientsToAvoid: readonly string[];
}

const SEVERE_FIRST: readonly ConcernSeverity[] = ["SEVERE", "MODERATE", "MILD"];

/** Reads finished analyses for other domains. */
export class FindingsService {
  constructor(
    private readonly dependencies: {
      readonly repository: AnalysesRepository;
      readonly jobRepository: JobRepository;
    },
  ) {}

  /** What an analysis found; null when it is absent or has no result. Does not judge ownership. */
  async of(analysisId: string): Promise<SkinFindings | null> {
    const { repository, jobRepository } = this.dependencies;
    const job = (await jobRepository.byIds([analysisId]))[0];
    if (job?.kind !== SKIN_ANALYSIS || job.status !== "SUCCEEDED") return null;
    const document = (await repository.byIds([analysisId]))[0];
    if (!document?.reading) return null;
    const concerns = new Map<SkinConcern, ConcernSeverity>();
    for (const concern of analysisInputSchema.parse(job.input).concerns)
      concerns.set(concern, "MILD");
    for (const { concern, severity } of document.reading.concerns) concerns.set(concern, severity);
    return {
      skinType: document.reading.skinType?.type ?? null,
      concerns: [...concerns]
        .map(([concern, severity]) => ({ concern, severity }))
        .sort(
          (one, other) => SEVERE_FIRST.indexOf(one.severity) - SEVERE_FIRST.indexOf(other.severity),
        ),
      ingredientsToAvoid: document.feedback?.ingredientsToAvoid ?? [],
    };
  }
}
