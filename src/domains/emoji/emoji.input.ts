import { z } from "zod";

/** What a job of kind EMOJI_TASK is given. Queued jobs may be older than the code: new fields need defaults. */
export const emojiInputSchema = z.object({
  uploadId: z.string(),
  /** Name of the template. */
  template: z.string(),
  /** Points that were taken for it. */
  points: z.int().min(0),
  /** The clean picture of the task that this one repeats. */
  sourceKey: z.string().nullable().default(null),
});

export type EmojiInput = z.infer<typeof emojiInputSchema>;

/** Where the clean picture of a task is kept. */
export const sourcePictureKey = (userId: string, taskId: string): string =>
  `emoji/${userId}/${taskId}/source.jpg`;

/** Where the still of a sticker is kept. */
export const posterKey = (userId: string, taskId: string): string =>
  `results/${userId}/${taskId}/poster.webp`;

const EXTENSIONS = { "video/mp4": "mp4", "image/gif": "gif", "image/webp": "webp" } as const;

/** Where a sticker is kept. */
export const stickerKey = (
  userId: string,
  taskId: string,
  contentType: keyof typeof EXTENSIONS,
): string => `results/${userId}/${taskId}/sticker.${EXTENSIONS[contentType]}`;

/** The ledger's key of what a task cost. */
export const chargeKey = (taskId: string): string => `emoji:${taskId}`;
