import { z } from "zod";

/** What a job of kind GOAL_PLAN is given. Queued jobs may be older than the code: new fields need defaults. */
export const planInputSchema = z.object({
  analysisId: z.string(),
  language: z.enum(["EN", "KH"]),
  quota: z.object({ limit: z.literal("CARE_PLANS"), periodStart: z.string() }),
});

export type PlanInput = z.infer<typeof planInputSchema>;
