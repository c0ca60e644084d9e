import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import { SKIN_ANALYSIS } from "./analyses.service.ts";
import type { AnalysisDocument } from "./analysis.document.ts";

/** What an analysis found, and what was advised. */
export interface RecentAnalysis {
  readonly at: Date;
  readonly reading: NonNullable<AnalysisDocument["reading"]>;
  readonly feedback: AnalysisDocument["feedback"];
}

/** Tells other domains what a user's latest analyses found. */
export class RecentAnalyses {
  constructor(
    private readonly dependencies: {
      readonly repository: Pick<AnalysesRepository, "byIds">;
      readonly jobRepository: Pick<JobRepository, "pageOfUser">;
    },
  ) {}

  /** The user's newest analyses that have succeeded, the newest first. Rejects while MongoDB is away. */
  async of(userId: string, count: number): Promise<RecentAnalysis[]> {
    const { repository, jobRepository } = this.dependencies;
    // The job's row says whose an analysis is.
    const jobs = await jobRepository.pageOfUser(
      userId,
      { kinds: [SKIN_ANALYSIS], statuses: ["SUCCEEDED"] },
      { limit: count, backward: false, beyond: null },
    );
    const found = await repository.byIds(jobs.map(({ id }) => id));
    const byId = new Map(found.map((document) => [document._id, document]));
    return jobs.slice(0, count).flatMap(({ id, finishedAt, createdAt }) => {
      const document = byId.get(id);
      if (!document?.reading) return [];
      const { reading, feedback } = document;
      return [{ at: finishedAt ?? createdAt, reading, feedback }];
    });
  }
}
