import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Database } from "../../platform/db/database.ts";
import { registerNodeSource, registerOwnedNode } from "../../platform/graphql/node.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import type { JobKind } from "../../platform/jobs/job-kind.ts";
import type { DomainModule } from "../../platform/module.ts";
import {
  emojiInputSchema,
  posterKey,
  sourcePictureKey,
  stickerKey,
  type EmojiInput,
} from "./emoji.input.ts";
import { createEmojiLoaders } from "./emoji.loaders.ts";
import { createEmojiPersonalData } from "./emoji.personal-data.ts";
import { EmojiPipeline } from "./emoji.pipeline.ts";
import type { StickerMaker } from "./emoji.ports.ts";
import "./emoji.problems.ts";
import { EmojiRepository } from "./emoji.repository.ts";
import {
  EmojiResolver,
  EmojiStickerResolver,
  EmojiTaskResolver,
  EmojiTemplateResolver,
} from "./emoji.resolver.ts";
import { EMOJI_TASK, EmojiService, type EmojiDependencies } from "./emoji.service.ts";
import { templateById } from "./emoji.templates.ts";

const MAX_ATTEMPTS = 5;

export interface EmojiModuleDependencies extends EmojiDependencies {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly jobDeletions: JobDeletions;
  readonly maker: StickerMaker;
  /** How long a task may take, the wait for its turn at the provider included. */
  readonly deadlineMs: number;
}

/** Puts emoji together. */
export function createEmojiModule(dependencies: EmojiModuleDependencies): DomainModule {
  const { database, blobs, jobDeletions, terms } = dependencies;
  const repository = new EmojiRepository(database);
  const emoji = new EmojiService(dependencies);
  const pipeline = new EmojiPipeline({ ...dependencies, repository });
  registerEmojiNodes();
  return {
    resolvers: [
      new EmojiResolver(emoji, jobDeletions),
      new EmojiTaskResolver(),
      new EmojiStickerResolver(blobs),
      new EmojiTemplateResolver(() => terms().pricePoints),
    ],
    loaders: () => createEmojiLoaders(repository),
    personalData: createEmojiPersonalData(repository),
    jobKinds: [emojiKind(dependencies.deadlineMs, emoji, pipeline)],
  };
}

const emojiKind = (
  deadlineMs: number,
  emoji: EmojiService,
  pipeline: EmojiPipeline,
): JobKind<EmojiInput> => ({
  kind: EMOJI_TASK,
  idPrefix: "emj",
  deadlineMs,
  maxAttempts: MAX_ATTEMPTS,
  // The provider makes one at a time for all: a second of the same user would only stand in the way of others.
  perUser: 1,
  parseInput: (input) => emojiInputSchema.parse(input),
  run: (job) => pipeline.run(job),
  startAgain: (job, idempotencyKey) => emoji.startAgain(job, idempotencyKey),
  onUnsuccessful: (tx, job) => emoji.settle(tx, job),
  remains: {
    // Whatever the sticker's form was: deleting an absent file is fine.
    files: ({ id }) =>
      Promise.resolve([
        sourcePictureKey(id),
        posterKey(id),
        ...(["video/mp4", "image/gif", "image/webp"] as const).map((type) => stickerKey(id, type)),
      ]),
  },
});

function registerEmojiNodes(): void {
  registerOwnedNode("emj", "EmojiTask", (loaders) => loaders.job);
  registerNodeSource({
    prefix: "emt",
    typeName: "EmojiTemplate",
    load: (_context, ids) => Promise.resolve(ids.map((id) => templateById(id) ?? null)),
  });
}
