import type { Job } from "../../platform/jobs/job.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import type { AnalysesService } from "./analyses.service.ts";
import type { AnalysisDocument } from "./analysis.document.ts";

/** What was found, for other domains. */
export type AnalysisReading = NonNullable<AnalysisDocument["reading"]>;

/** Lets other domains work with what analyses found. */
export class AnalysisReadings {
  constructor(
    private readonly analyses: Pick<AnalysesService, "find">,
    private readonly repository: Pick<AnalysesRepository, "byIds">,
  ) {}

  /** The analysis if it is this user's and has succeeded, else null. Asks PostgreSQL only. */
  async succeeded(userId: string, id: string): Promise<Job | null> {
    const job = await this.analyses.find(userId, id);
    return job?.status === "SUCCEEDED" ? job : null;
  }

  /** What an analysis found; null when it was deleted. Does not judge ownership; rejects while MongoDB is away. */
  async of(id: string): Promise<AnalysisReading | null> {
    const [document] = await this.repository.byIds([id]);
    return document?.reading ?? null;
  }
}
