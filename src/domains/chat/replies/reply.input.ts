import { z } from "zod";
import type { QuotaUse } from "../../billing/index.ts";

/** What a job of kind CHAT_REPLY is given. Queued jobs may be older than the code: new fields need defaults. */
export const replyInputSchema = z.object({
  roomId: z.string(),
  questionId: z.string(),
  language: z.enum(["EN", "KH"]),
  /** The counted use, to be given back to the right day. */
  quota: z.custom<QuotaUse>(
    (value) => typeof value === "object" && value !== null && "limit" in value,
  ),
});

export type ReplyInput = z.infer<typeof replyInputSchema>;
