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

/** Where the clean picture of a task is kept. No key names a user: a task may become another account's. */
export const sourcePictureKey = (taskId: string): string => `emoji/${taskId}/source.jpg`;

/** Where the still of a sticker is kept. */
export const posterKey = (taskId: string): string => `results/${taskId}/poster.webp`;

const EXTENSIONS = { "video/mp4": "mp4", "image/gif": "gif", "image/webp": "webp" } as const;

/** Where a sticker is kept. */
export const stickerKey = (taskId: string, contentType: keyof typeof EXTENSIONS): string =>
  `results/${taskId}/sticker.${EXTENSIONS[contentType]}`;

/** The ledger's key of what a task cost. */
export const chargeKey = (taskId: string): string => `emoji:${taskId}`;
