import type { JobRepository } from "../../../platform/jobs/job.repository.ts";
import type { Nudges } from "../../../platform/realtime/nudges.ts";
import type { WebhookSource } from "../../../platform/webhooks/webhook-source.ts";
import type { StylistWebhooks } from "../tryon.ports.ts";
import { HAIR_TRY_ON } from "./try-on.vocabulary.ts";
import { viewTopic } from "./view-news.ts";

/**
 * Wakes the job that waits for what a webhook reports as ended. A report carries no result: the job asks the maker itself, so
 * that disorder, repetition and lies change nothing.
 */
export const createTryOnWebhooks = (
  webhooks: StylistWebhooks,
  { jobRepository, nudges }: { jobRepository: JobRepository; nudges: Nudges },
): WebhookSource => ({
  provider: webhooks.provider,
  verify: (rawBody, headers, now) => webhooks.verify(rawBody, headers, now),
  describe: (payload, headers) => webhooks.describe(payload, headers),
  apply: async (tx, event) => {
    const ended = webhooks.ended(event.payload);
    const [job] = ended ? await jobRepository.byIds([ended.jobId]) : [];
    if (!ended || job?.kind !== HAIR_TRY_ON || job.status !== "RUNNING") return "IGNORED";
    tx.afterCommit(() => {
      nudges.send(viewTopic(ended.jobId, ended.view));
    });
    return "APPLIED";
  },
});
