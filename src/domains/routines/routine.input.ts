import { z } from "zod";

/** What a job of kind ROUTINE_PLAN is given. Queued jobs may be older than the code: new fields need defaults. */
export const routineInputSchema = z.object({
  analysisId: z.string(),
  /** In which the plan is worded. */
  language: z.enum(["EN", "KH"]),
  /** Null of plans that were queued when they were not counted yet. */
  quota: z
    .object({ limit: z.literal("CARE_PLANS"), periodStart: z.string() })
    .nullable()
    .default(null),
});

export type RoutineInput = z.infer<typeof routineInputSchema>;
