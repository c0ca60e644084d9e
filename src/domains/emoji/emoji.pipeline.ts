import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { RunningJob } from "../../platform/jobs/job-kind.ts";
import type { PictureJobs } from "../identity/index.ts";
import { posterKey, sourcePictureKey, stickerKey, type EmojiInput } from "./emoji.input.ts";
import type { StickerMaker } from "./emoji.ports.ts";
import type { EmojiRepository } from "./emoji.repository.ts";
import { templateByName } from "./emoji.templates.ts";

/** Where the bar stands when a stage begins, in percent. */
const PROGRESS = { VALIDATING: 2, DETECTING: 10, GENERATING: 20, STORING: 92 };
const PICTURE_URL_SECONDS = 7_200;

/** The work of one emoji task, stage by stage. */
export class EmojiPipeline {
  constructor(
    private readonly dependencies: {
      readonly repository: EmojiRepository;
      readonly pictureJobs: PictureJobs;
      readonly blobs: BlobStore;
      readonly maker: StickerMaker;
    },
  ) {}

  async run(job: RunningJob<EmojiInput>): Promise<void> {
    const { pictureJobs, blobs, maker, repository } = this.dependencies;
    const { uploadId, sourceKey, template } = job.input;
    await job.enterStage("VALIDATING", PROGRESS.VALIDATING);
    const key = sourcePictureKey(job.id);
    const image = await pictureJobs.picture(job, { key, sourceKey, uploadId });
    await job.enterStage("DETECTING", PROGRESS.DETECTING);
    const span = PROGRESS.STORING - PROGRESS.GENERATING;
    const sticker = await maker.make({
      jobId: job.id,
      image,
      imageUrl: () => blobs.createDownloadUrl(key, PICTURE_URL_SECONDS),
      motion: templateByName(template).motion,
      session: job.providerSession,
      saveSession: (session) => job.saveProviderSession(session),
      onGenerating: () => job.enterStage("GENERATING", PROGRESS.GENERATING),
      onProgress: (fraction) => {
        job.reportProgress(PROGRESS.GENERATING + fraction * span);
      },
      signal: job.signal,
    });
    await job.enterStage("STORING", PROGRESS.STORING);
    const { file, poster, ...shape } = sticker;
    const fileKey = stickerKey(job.id, sticker.contentType);
    const still = posterKey(job.id);
    await blobs.write(fileKey, file, sticker.contentType);
    await blobs.write(still, poster, "image/webp");
    await job.succeed((tx) =>
      repository.add(tx, { id: job.id, fileKey, posterKey: still, ...shape }),
    );
  }
}
