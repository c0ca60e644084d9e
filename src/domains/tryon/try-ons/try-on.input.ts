import { z } from "zod";
import { HairViews, type HairView } from "./try-on.vocabulary.ts";

/** What a job of kind HAIR_TRY_ON is given. Queued jobs may be older than the code: new fields need defaults. */
export const tryOnInputSchema = z.object({
  uploadId: z.string().nullable(),
  /** Where the picture is fetched when it was not uploaded. */
  imageUrl: z.string().nullable(),
  hairstyleId: z.string(),
  views: z.array(z.enum(HairViews)).min(1),
  /** The clean picture of the try-on that this one repeats. */
  sourceKey: z.string().nullable().default(null),
});

export type TryOnInput = z.infer<typeof tryOnInputSchema>;

/** Where the clean picture of a try-on is kept. Keys follow a try-on to another account: they do not name its owner. */
export const sourceKeyOf = (id: string): string => `tryon/${id}/source.jpg`;

/** Where the picture of a view is kept. */
export const viewKeyOf = (id: string, view: HairView): string =>
  `tryon/${id}/${view.toLowerCase()}.jpg`;
