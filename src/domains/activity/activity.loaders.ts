import type DataLoader from "dataloader";
import { oneByKey } from "../../platform/graphql/loaders.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobRepository, QueueEstimate } from "../../platform/jobs/job.repository.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    job: DataLoader<string, Job | null>;
    queueEstimate: DataLoader<string, QueueEstimate | null>;
  }
}

/** Jobs and their places in line by id. They do not judge ownership. */
export const createActivityLoaders = (jobs: JobRepository) => ({
  job: oneByKey<string, Job>(
    (ids) => jobs.byIds(ids),
    (job) => job.id,
  ),
  queueEstimate: oneByKey<string, QueueEstimate>(
    (ids) => jobs.queueEstimates(ids),
    (estimate) => estimate.id,
  ),
});
