import { z } from "zod";
import { SkinConcerns, type SkinConcern } from "../catalog/index.ts";

const concerns = Object.values(SkinConcerns) as [SkinConcern, ...SkinConcern[]];

/** What a job of kind SKIN_ANALYSIS is given. Queued jobs may be older than the code: new fields need defaults. */
export const analysisInputSchema = z.object({
  uploadId: z.string(),
  focus: z.enum(["GENERAL", "ACNE"]),
  concerns: z.array(z.enum(concerns)),
  notes: z.string().nullable(),
  language: z.enum(["EN", "KH"]),
  /** The counted use, to be given back to the right month. */
  quota: z.object({ limit: z.literal("SKIN_ANALYSES"), periodStart: z.string() }),
  /** The clean picture of the analysis that this one repeats. */
  sourceKey: z.string().nullable().default(null),
});

export type AnalysisInput = z.infer<typeof analysisInputSchema>;

/** Where the clean picture of an analysis is kept. It names no user: an analysis may become another account's. */
export const selfieKey = (analysisId: string): string => `selfies/${analysisId}.jpg`;

/** Where a picture that marks a finding is kept. */
export const annotationKey = (analysisId: string, concern: string): string =>
  `results/${analysisId}/${concern.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.jpg`;
