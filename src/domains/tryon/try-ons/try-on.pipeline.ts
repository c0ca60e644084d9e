import type { BlobStore } from "../../../platform/blobs/blob-store.ts";
import { BadImage, cleanImage } from "../../../platform/blobs/clean-image.ts";
import { failureOf } from "../../../platform/jobs/failures.ts";
import type { RunningJob } from "../../../platform/jobs/job-kind.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import type { Nudges } from "../../../platform/realtime/nudges.ts";
import { PROVIDER_CODES, ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { PictureJobs } from "../../identity/index.ts";
import type { HairstyleRow } from "../hairstyles/hairstyle.repository.ts";
import type { HairstyleService } from "../hairstyles/hairstyle.service.ts";
import type { HairStylist, StyledView } from "../tryon.ports.ts";
import { sourceKeyOf, viewKeyOf, type TryOnInput } from "./try-on.input.ts";
import type { TryOnRepository } from "./try-on.repository.ts";
import type { TryOnService } from "./try-on.service.ts";
import type { HairView } from "./try-on.vocabulary.ts";
import { ViewNews } from "./view-news.ts";

/** Runs of one job. A view that fails for a while is tried again in the next one, beside those that are there. */
export const MAX_ATTEMPTS = 5;

/** Where the bar stands when a stage begins, in percent. */
const PROGRESS = { VALIDATING: 2, GENERATING: 10, STORING: 96 };
const PICTURE_URL_SECONDS = 4 * 3_600;
const PICTURE_LIMITS = { maxBytes: 32 * 1024 * 1024, maxPixels: 50_000_000, maxSide: 4_096 };

type Running = RunningJob<TryOnInput>;

export interface TryOnPipelineDependencies {
  readonly repository: TryOnRepository;
  readonly styles: HairstyleService;
  readonly pictureJobs: PictureJobs;
  readonly blobs: BlobStore;
  readonly stylist: HairStylist;
  readonly nudges: Nudges;
  readonly log: Logger;
}

/** The work of one try-on, stage by stage. Each view is stored and shown as it comes. */
export class TryOnPipeline {
  constructor(
    private readonly dependencies: TryOnPipelineDependencies & {
      readonly tryOns: Pick<TryOnService, "settle">;
    },
  ) {}

  async run(job: Running): Promise<void> {
    const { repository, styles, pictureJobs, tryOns } = this.dependencies;
    await job.enterStage("VALIDATING", PROGRESS.VALIDATING);
    const style = await styles.find(job.input.hairstyleId);
    if (!style) throw new Error(`The hairstyle ${job.input.hairstyleId} is gone.`);
    const key = sourceKeyOf(job.id);
    const image = await pictureJobs.picture(job, { key, ...job.input });
    await job.changed((tx) => repository.setSource(tx, job.id, key));
    await job.enterStage("GENERATING", PROGRESS.GENERATING);
    const later = await this.generate(job, style, image);
    const faults = [...later.values()];
    // What reached the provider is counted as a try; what never did may wait as long as the job.
    const delayed = faults.find(({ shed }) => !shed) ?? faults[0];
    if (delayed && (delayed.shed || job.attempt < MAX_ATTEMPTS)) throw delayed;
    for (const [view, fault] of later) await this.fail(job, view, fault, null);
    await this.requireOne(job);
    await job.enterStage("STORING", PROGRESS.STORING);
    await job.succeed((tx) => tryOns.settle(tx, job.id));
  }

  /** Makes the views that are PENDING. @returns those that may succeed another time */
  private async generate(
    job: Running,
    style: HairstyleRow,
    image: Uint8Array,
  ): Promise<Map<HairView, ProviderError>> {
    const { repository, stylist, blobs, nudges } = this.dependencies;
    const all = await repository.viewsOf([job.id]);
    const views = all.filter(({ status }) => status === "PENDING").map(({ view }) => view);
    const later = new Map<HairView, ProviderError>();
    if (views.length === 0) return later;
    const news = await ViewNews.open(nudges, job.id, views);
    let done = all.length - views.length;
    const step = () => {
      done += 1;
      const share = done / all.length;
      return PROGRESS.GENERATING + share * (PROGRESS.STORING - PROGRESS.GENERATING);
    };
    try {
      await stylist.style({
        jobId: job.id,
        image,
        imageUrl: await blobs.createDownloadUrl(sourceKeyOf(job.id), PICTURE_URL_SECONDS),
        style,
        views,
        session: job.providerSession,
        saveSession: (session) => job.saveProviderSession(session),
        awaitNews: (view, atMostMs) => news.wait(view, atMostMs, job.signal),
        onStyled: (view, styled) => this.deliver(job, view, styled, step()),
        onFailed: async (view, fault, reference) => {
          if (fault.outcome === "retryable") later.set(view, fault);
          else await this.fail(job, view, fault, reference, step());
        },
        signal: job.signal,
      });
    } finally {
      news.close();
    }
    return later;
  }

  private async deliver(
    job: Running,
    view: HairView,
    { picture, reference }: StyledView,
    progress: number,
  ): Promise<void> {
    const { repository, blobs, stylist } = this.dependencies;
    try {
      const { bytes } = await cleanImage(picture, { ...PICTURE_LIMITS, format: "jpeg" });
      const fileKey = viewKeyOf(job.id, view);
      await blobs.write(fileKey, bytes, "image/jpeg");
      const { isPreview } = stylist;
      const styled = { jobId: job.id, view, fileKey, reference, isPreview };
      await job.changed((tx) => repository.deliver(tx, styled), progress);
    } catch (error) {
      if (!(error instanceof BadImage)) throw error;
      await this.fail(job, view, unreadable(), reference, progress);
    }
  }

  private fail(
    job: Running,
    view: HairView,
    fault: ProviderError,
    reference: string | null,
    progress?: number,
  ): Promise<void> {
    this.dependencies.log.warn({ err: fault, jobId: job.id, view }, "a view failed");
    const failure = { ...failureOf(fault), reference };
    return job.changed(
      (tx) => this.dependencies.repository.fail(tx, job.id, view, failure),
      progress,
    );
  }

  /** A try-on without a single picture has failed, for the reason of its first view. */
  private async requireOne(job: Running): Promise<void> {
    const views = await this.dependencies.repository.viewsOf([job.id]);
    if (views.some(({ status }) => status === "SUCCEEDED")) return;
    const { failureCode, failureMessage, failureCanRetry } = views[0] ?? {};
    throw new ProviderError({
      provider: "stylist",
      // All that can be tried again has been.
      outcome: failureCanRetry ? "unknown" : "refused_input",
      code: failureCode ?? PROVIDER_CODES.unavailable,
      message: failureMessage ?? "No picture could be made.",
    });
  }
}

const unreadable = (): ProviderError =>
  new ProviderError({
    provider: "stylist",
    outcome: "unknown",
    code: PROVIDER_CODES.badAnswer,
    message: "The picture that was made cannot be read.",
  });
