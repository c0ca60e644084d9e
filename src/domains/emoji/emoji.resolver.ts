import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { payload } from "../../platform/graphql/problems.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import { Viewer } from "../identity/index.ts";
import { emojiInputSchema } from "./emoji.input.ts";
import type { StickerRow } from "./emoji.repository.ts";
import { EMOJI_TASK, type EmojiService } from "./emoji.service.ts";
import {
  EMOJI_TEMPLATES,
  templateByName,
  type EmojiTemplate as Template,
} from "./emoji.templates.ts";
import {
  CreateEmojiTaskInput,
  CreateEmojiTaskPayload,
  DeleteEmojiTaskInput,
  DeleteEmojiTaskPayload,
  EmojiSticker,
  EmojiTask,
  EmojiTaskConnection,
  EmojiTemplate,
} from "./emoji.types.ts";

const NEWEST_FIRST = "emoji.newest";
const URL_SECONDS = 600;

@Resolver(() => EmojiTemplate)
export class EmojiTemplateResolver {
  constructor(private readonly price: () => number) {}

  @Query(() => [EmojiTemplate], { description: "All ways for a sticker to move, in shop order." })
  emojiTemplates(): readonly Template[] {
    return EMOJI_TEMPLATES;
  }

  @FieldResolver(() => String)
  title(@Root() template: Template, @Ctx() { language }: Context): string {
    return template.title[language];
  }

  @FieldResolver()
  pricePoints(): number {
    return this.price();
  }
}

/** Starting, listing and deleting tasks. */
@Resolver(() => Viewer)
export class EmojiResolver {
  constructor(
    private readonly emoji: EmojiService,
    private readonly deletions: JobDeletions,
  ) {}

  @Authorized()
  @Mutation(() => CreateEmojiTaskPayload, {
    description: "Takes the points and queues the task; watch it with `jobChanged`.",
  })
  createEmojiTask(
    @Arg("input", () => CreateEmojiTaskInput, { description: "The picture and the template." })
    input: CreateEmojiTaskInput,
    @Ctx() context: Context,
  ): Promise<CreateEmojiTaskPayload> {
    const { userId } = signedIn(context);
    const { uploadId, templateId: template, idempotencyKey = null } = input;
    return payload(CreateEmojiTaskPayload, async () => ({
      emojiTask: await this.emoji.start(
        { userId, ip: context.ip },
        { uploadId, templateId: template, idempotencyKey },
      ),
    }));
  }

  @Authorized()
  @Mutation(() => DeleteEmojiTaskPayload, {
    description: "Deletes a finished task with its pictures.",
  })
  deleteEmojiTask(
    @Arg("input", () => DeleteEmojiTaskInput, { description: "Which task." })
    input: DeleteEmojiTaskInput,
    @Ctx() context: Context,
  ): Promise<DeleteEmojiTaskPayload> {
    return payload(DeleteEmojiTaskPayload, async () => ({
      deletedId: await this.deletions.delete(signedIn(context).userId, EMOJI_TASK, input.id),
    }));
  }

  @Authorized()
  @Query(() => EmojiTask, {
    nullable: true,
    description: "One task; null when it does not exist or is not yours.",
  })
  emojiTask(
    @Arg("id", () => ID, { description: "The task." }) id: string,
    @Ctx() context: Context,
  ): Promise<Job | null> {
    return this.emoji.find(signedIn(context).userId, id);
  }

  @FieldResolver(() => EmojiTaskConnection, {
    description: "The user's emoji tasks, newest first.",
  })
  async emojiTasks(
    @Args(() => PageArgs) args: PageArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Job>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.emoji.page(id, page);
    return connectionOf(rows, page, NEWEST_FIRST, (job) => [job.id]);
  }
}

/** The fields of one task that are not columns of its job. */
@Resolver(() => EmojiTask)
export class EmojiTaskResolver {
  @FieldResolver(() => EmojiTemplate, { nullable: true })
  template(@Root() job: Job): Template | null {
    return templateByName(emojiInputSchema.parse(job.input).template);
  }

  @FieldResolver()
  pointsSpent(@Root() job: Job): number {
    return emojiInputSchema.parse(job.input).points;
  }

  @FieldResolver(() => EmojiSticker, { nullable: true })
  sticker(@Root() job: Job, @Ctx() { loaders }: Context): Promise<StickerRow | null> | null {
    return job.status === "SUCCEEDED" ? loaders.sticker.load(job.id) : null;
  }

  @FieldResolver(() => EmojiTask, { nullable: true })
  async retryOf(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Job | null> {
    return job.retryOf === null ? null : loaders.job.load(job.retryOf);
  }
}

@Resolver(() => EmojiSticker)
export class EmojiStickerResolver {
  constructor(private readonly blobs: BlobStore) {}

  @FieldResolver(() => String)
  url(@Root() sticker: StickerRow): Promise<string> {
    return this.blobs.createDownloadUrl(sticker.fileKey, URL_SECONDS);
  }

  @FieldResolver(() => String)
  posterUrl(@Root() sticker: StickerRow): Promise<string> {
    return this.blobs.createDownloadUrl(sticker.posterKey, URL_SECONDS);
  }
}
