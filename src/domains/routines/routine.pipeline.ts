import { failureOf } from "../../platform/jobs/failures.ts";
import type { RunningJob } from "../../platform/jobs/job-kind.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";
import type { FindingsService, SkinFindings } from "../analyses/index.ts";
import { localized, type CatalogService } from "../catalog/index.ts";
import { chooseRoutine, type ChosenStep } from "./choice/choose-routine.ts";
import { NOT_DAILY, SHELVES } from "./choice/shelves.ts";
import type { RoutineInput } from "./routine.input.ts";
import type { PlanWarning, RoutineRepository } from "./routine.repository.ts";
import type { RoutineToWord, RoutineWords, RoutineWriter } from "./routines.ports.ts";
import { ownWords } from "./wording/own-words.ts";

/** Where the bar stands when a stage begins, in percent. */
const PROGRESS = { CHOOSING: 5, WRITING: 35, SAVING: 92 };
/** Notes that the provider was asked: whoever cancels then has used the plan. */
const ASKED = "asked";

export interface RoutinePipelineDependencies {
  readonly repository: RoutineRepository;
  readonly findings: FindingsService;
  readonly catalog: Pick<CatalogService, "productsOn">;
  /** Null: plans keep our own words. */
  readonly routineWriter: RoutineWriter | null;
  readonly log: Logger;
  /** A pseudonym that providers may see instead of the user's id. */
  readonly hashUser: (userId: string) => string;
}

/** The work of one plan: what to use is chosen here, only words come from outside. */
export class RoutinePipeline {
  constructor(private readonly dependencies: RoutinePipelineDependencies) {}

  async run(job: RunningJob<RoutineInput>): Promise<void> {
    await job.enterStage("CHOOSING", PROGRESS.CHOOSING);
    const findings = await this.findingsFor(job);
    const steps = await this.choose(findings);
    await job.enterStage("WRITING", PROGRESS.WRITING);
    const routine = toWord(findings, steps, job.input.language);
    const { words, warnings } = await this.word(job, routine);
    await job.enterStage("SAVING", PROGRESS.SAVING);
    await job.succeed((tx) =>
      this.dependencies.repository.add(tx, {
        id: job.id,
        skinType: findings.skinType,
        concerns: findings.concerns.map(({ concern }) => concern),
        summary: words.summary,
        tips: [...words.tips],
        warnings,
        steps: steps.map(({ half, kind, product, gap, helpsWith }, index) => ({
          half,
          kind,
          productId: product?.productId ?? null,
          gap,
          helpsWith: [...helpsWith],
          instruction: words.instructions[index] ?? "",
        })),
      }),
    );
  }

  private async findingsFor(job: RunningJob<RoutineInput>): Promise<SkinFindings> {
    const found = await this.dependencies.findings.of(job.input.analysisId);
    if (found) return found;
    throw new ProviderError({
      provider: "analyses",
      outcome: "refused_input",
      code: "ANALYSIS_NOT_READY",
      message: "The analysis is gone.",
    });
  }

  private async choose(findings: SkinFindings): Promise<ChosenStep[]> {
    const products = await this.dependencies.catalog.productsOn({
      shelves: SHELVES,
      except: NOT_DAILY,
      skinType: findings.skinType,
      concerns: findings.concerns.map(({ concern }) => concern),
      ingredientsToAvoid: findings.ingredientsToAvoid,
    });
    return chooseRoutine(findings, products);
  }

  /** Nobody is refused a plan because its words cannot be had: ours are there. */
  private async word(
    job: RunningJob<RoutineInput>,
    routine: RoutineToWord,
  ): Promise<{ words: RoutineWords; warnings: PlanWarning[] }> {
    const { routineWriter, hashUser, log } = this.dependencies;
    if (!routineWriter) return { words: ownWords(routine), warnings: [] };
    await job.saveProviderSession(ASKED);
    const { signal } = job;
    try {
      const userHash = hashUser(job.userId);
      const words = await routineWriter.write({ ...routine, userHash, signal });
      return { words, warnings: [] };
    } catch (error) {
      signal.throwIfAborted();
      const level = error instanceof ProviderError ? "warn" : "error";
      log[level]({ err: error, jobId: job.id }, "no words came");
      return { words: ownWords(routine), warnings: [warningOf(error)] };
    }
  }
}

function warningOf(error: unknown): PlanWarning {
  if (!(error instanceof ProviderError)) {
    return { code: "UNAVAILABLE", message: "The text could not be written." };
  }
  const { code, message } = failureOf(error);
  return { code, message };
}

const toWord = (
  { skinType, concerns }: SkinFindings,
  steps: readonly ChosenStep[],
  language: RoutineToWord["language"],
): RoutineToWord => ({
  skinType,
  concerns,
  language,
  steps: steps.map(({ half, kind, product, gap, helpsWith, actives }) => ({
    half,
    kind,
    productName: product && localized(product.nameEn, product.nameKh, language),
    helpsWith,
    actives,
    gap,
  })),
});
