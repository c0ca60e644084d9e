import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes } from "../../platform/graphql/connection.ts";
import { Node } from "../../platform/graphql/node.ts";
import { Payload } from "../../platform/graphql/problems.ts";
import type { Job } from "../../platform/jobs/job.ts";
import { JobInterface } from "../../platform/jobs/job.types.ts";
import { EmojiGroups, type EmojiGroup } from "./emoji.templates.ts";

registerEnumType(EmojiGroups, {
  name: "EmojiGroup",
  description: "What stickers are for.",
  valuesConfig: {
    CUTE: { description: "For friends." },
    WORK: { description: "For colleagues." },
    CLASSIC: { description: "For everybody." },
  },
});

@ObjectType({ implements: Node, description: "A way for a sticker to move." })
export class EmojiTemplate extends Node {
  @Field(() => String, { description: "Its name in the language asked for." })
  title!: string;

  @Field(() => EmojiGroups, { description: "What it is for." })
  group!: EmojiGroup;

  @Field(() => Int, { description: "Points that a sticker of it costs now." })
  pricePoints!: number;
}

@ObjectType({ description: "A moving picture of a face." })
export class EmojiSticker {
  @Field(() => String, { description: "Signed address of the file, good for a few minutes." })
  url!: string;

  @Field(() => String, {
    description: "Signed address of a still of it, WebP, good for a few minutes.",
  })
  posterUrl!: string;

  @Field(() => String, { description: "video/mp4, image/gif or image/webp." })
  contentType!: string;

  @Field(() => Int, { description: "In pixels." })
  width!: number;

  @Field(() => Int, { description: "In pixels." })
  height!: number;

  @Field(() => Int, { description: "Milliseconds of one round." })
  durationMs!: number;
}

@ObjectType({
  implements: [Node, JobInterface],
  description: "A sticker being made of the user's picture.",
})
export class EmojiTask extends JobInterface {
  @Field(() => EmojiTemplate, { nullable: true, description: "How it is to move." })
  template!: unknown;

  @Field(() => Int, { description: "Points that it has cost." })
  pointsSpent!: number;

  @Field(() => EmojiSticker, {
    nullable: true,
    description: "What was made; null until it has succeeded.",
  })
  sticker!: unknown;

  @Field(() => EmojiTask, { nullable: true, description: "The failed task that this repeats." })
  retryOf!: EmojiTask | null;
}

const connection = connectionTypes<Job>("EmojiTask", () => EmojiTask as never);
export const EmojiTaskConnection = connection.connection;

@InputType({ description: "A picture and how it is to move." })
export class CreateEmojiTaskInput {
  @Field(() => ID, { description: "An upload of purpose EMOJI_SOURCE whose bytes were sent." })
  uploadId!: string;

  @Field(() => ID, { description: "The template." })
  templateId!: string;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same task; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `createEmojiTask`." })
export class CreateEmojiTaskPayload extends Payload {
  @Field(() => EmojiTask, { nullable: true, description: "The task, QUEUED." })
  emojiTask?: unknown;
}

@InputType({ description: "Which task to delete." })
export class DeleteEmojiTaskInput {
  @Field(() => ID, { description: "The task." })
  id!: string;
}

@ObjectType({ description: "The outcome of `deleteEmojiTask`." })
export class DeleteEmojiTaskPayload extends Payload {
  @Field(() => ID, { nullable: true, description: "What was deleted." })
  deletedId?: string | null;
}
