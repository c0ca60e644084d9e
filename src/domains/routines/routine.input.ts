import { z } from "zod";

/** What a job of kind ROUTINE_PLAN is given. Queued jobs may be older than the code: new fields need defaults. */
export const routineInputSchema = z.object({
  analysisId: z.string(),
  /** In which the plan is worded. */
  language: z.enum(["EN", "KH"]),
});

export type RoutineInput = z.infer<typeof routineInputSchema>;
