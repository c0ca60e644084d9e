import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import {
  checkStandardWebhook,
  standardWebhookKey,
  type SignatureCheck,
} from "../../platform/crypto/webhook-signatures.ts";
import { isEnded } from "./replicate-wire.ts";

const reportSchema = z.object({
  id: z.string().min(1),
  status: z.string().min(1),
  webhook: z.string().nullish(),
  created_at: z.coerce.date(),
  completed_at: z.coerce.date().nullish(),
});

/** Proves and reads the webhooks of Replicate: signed as Standard Webhooks, with the prediction as their body. */
export class ReplicateWebhooks {
  readonly provider = "replicate";
  private readonly keys: readonly Buffer[];

  /** @param secrets `whsec_…`; two while one is replaced by the other @throws Error when one is not base64 */
  constructor(secrets: readonly string[]) {
    this.keys = secrets.map(standardWebhookKey);
  }

  /** The signed time must lie within five minutes of now. */
  verify(rawBody: Buffer, headers: IncomingHttpHeaders, now: Date): SignatureCheck {
    return checkStandardWebhook(headers, rawBody, this.keys, now);
  }

  /** @throws Error when it is no prediction */
  describe(
    payload: unknown,
    headers: IncomingHttpHeaders,
  ): { eventId: string; type: string; occurredAt: Date; subject: string } {
    const { id, status, created_at, completed_at } = reportSchema.parse(payload);
    const eventId = headers["webhook-id"];
    if (typeof eventId !== "string") throw new Error("The event has no id.");
    const occurredAt = completed_at ?? created_at;
    return { eventId, type: `prediction.${status}`, occurredAt, subject: id };
  }

  /** Which work of ours has ended, by the webhook's own address; null for anything else. */
  ended(payload: unknown): { jobId: string; view: string } | null {
    const { status, webhook } = reportSchema.parse(payload);
    if (!isEnded(status) || webhook == null || !URL.canParse(webhook)) return null;
    const { searchParams } = new URL(webhook);
    const jobId = searchParams.get("job");
    const view = searchParams.get("view");
    return jobId !== null && view !== null ? { jobId, view } : null;
  }
}
