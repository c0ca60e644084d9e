import { badUserInput, notFound } from "../../platform/graphql/errors.ts";
import { isFinished, type Job } from "../../platform/jobs/job.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import type { AnalysesService } from "./analyses.service.ts";
import type { AcneFinding } from "./analyses.ports.ts";
import { METRICS, type Metric } from "./analyses.vocabulary.ts";
import type { AnalysisDocument } from "./analysis.document.ts";

/** Points per day that count as a change rather than noise. */
const STEADY_SLOPE_PER_DAY = 0.05;
const DAY_MS = 86_400_000;

export interface MetricPoint {
  readonly analysis: Job;
  readonly at: Date;
  readonly value: number;
}

export interface MetricSeries {
  readonly metric: Metric;
  readonly points: MetricPoint[];
  readonly change: number | null;
  readonly trend: "IMPROVING" | "STEADY" | "DECLINING" | null;
}

/** How a user's skin went over several analyses. */
export class ProgressService {
  constructor(
    private readonly dependencies: {
      readonly repository: AnalysesRepository;
      readonly jobRepository: JobRepository;
      readonly analyses: AnalysesService;
    },
  ) {}

  /** One metric over time, oldest first. */
  async series(
    userId: string,
    metric: Metric,
    from: Date | null,
    to: Date | null,
  ): Promise<MetricSeries> {
    const points = (await this.measured(userId, from, to)).flatMap(({ analysis, at, document }) => {
      const value = document.reading?.metrics[metric] ?? null;
      return value === null ? [] : [{ analysis, at, value }];
    });
    const first = points[0];
    const last = points.at(-1);
    const several = first !== undefined && last !== undefined && points.length > 1;
    return {
      metric,
      points,
      change: several ? round(last.value - first.value) : null,
      trend: several ? trendOf(points) : null,
    };
  }

  /** Acne over time, oldest first. */
  async acne(userId: string, from: Date | null, to: Date | null) {
    return (await this.measured(userId, from, to)).map(({ analysis, at, document }) => ({
      analysis,
      at,
      score: document.reading?.metrics.acne ?? null,
      findings: (document.reading?.acneDetail ?? null) as AcneFinding[] | null,
    }));
  }

  /** Two analyses side by side, the earlier first. @throws NOT_FOUND, BAD_USER_INPUT when one has no result. */
  async compare(userId: string, a: string, b: string) {
    const [earlierId, laterId] = a < b ? [a, b] : [b, a];
    const [earlier, later] = await Promise.all([
      this.finished(userId, earlierId, a === earlierId ? "a" : "b"),
      this.finished(userId, laterId, a === laterId ? "a" : "b"),
    ]);
    const documents = await this.dependencies.repository.byIds([earlierId, laterId]);
    const before = documents.find(({ _id }) => _id === earlierId)?.reading;
    const after = documents.find(({ _id }) => _id === laterId)?.reading;
    return {
      earlier,
      later,
      sameMethod: before?.mappingVersion === after?.mappingVersion,
      metrics: METRICS.map((metric) => {
        const one = before?.metrics[metric] ?? null;
        const other = after?.metrics[metric] ?? null;
        const change = one === null || other === null ? null : round(other - one);
        return { metric, earlier: one, later: other, change };
      }),
    };
  }

  private async finished(userId: string, id: string, argument: string): Promise<Job> {
    const job = await this.dependencies.analyses.find(userId, id);
    if (!job) throw notFound("The analysis");
    if (!isFinished(job) || job.status !== "SUCCEEDED") {
      throw badUserInput("Only analyses that succeeded can be compared.", [argument]);
    }
    return job;
  }

  private async measured(
    userId: string,
    from: Date | null,
    to: Date | null,
  ): Promise<{ analysis: Job; at: Date; document: AnalysisDocument }[]> {
    if (from && to && from >= to) throw badUserInput("from must lie before to.", ["from"]);
    const { repository, jobRepository } = this.dependencies;
    const finished = await repository.finished(userId, from, to);
    const ids = finished.map(({ id }) => id);
    const [documents, jobs] = await Promise.all([repository.byIds(ids), jobRepository.byIds(ids)]);
    const documentOf = new Map(documents.map((document) => [document._id, document]));
    const jobOf = new Map(jobs.map((job) => [job.id, job]));
    return finished.flatMap(({ id, finishedAt }) => {
      const document = documentOf.get(id);
      const analysis = jobOf.get(id);
      return document && analysis ? [{ analysis, at: finishedAt, document }] : [];
    });
  }
}

/** The sign of the least-squares slope over time. */
function trendOf(points: readonly MetricPoint[]): "IMPROVING" | "STEADY" | "DECLINING" {
  const days = points.map(({ at }) => at.getTime() / DAY_MS);
  const meanDay = mean(days);
  const meanValue = mean(points.map(({ value }) => value));
  let covariance = 0;
  let variance = 0;
  points.forEach(({ value }, index) => {
    const distance = (days[index] ?? meanDay) - meanDay;
    covariance += distance * (value - meanValue);
    variance += distance * distance;
  });
  const slope = variance === 0 ? 0 : covariance / variance;
  if (Math.abs(slope) < STEADY_SLOPE_PER_DAY) return "STEADY";
  return slope > 0 ? "IMPROVING" : "DECLINING";
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const round = (value: number): number => Math.round(value * 10) / 10;
