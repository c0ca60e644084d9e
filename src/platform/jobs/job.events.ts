import { domainEventType } from "../events/domain-events.ts";
import type { Job } from "./job.ts";

/** A job has ended, as it is now: SUCCEEDED, FAILED or CANCELED. Told once per job, in the transaction that ends it. */
export const JOB_ENDED = domainEventType<Job>("jobs.job_ended");
