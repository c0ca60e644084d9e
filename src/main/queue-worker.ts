import { JobRunner } from "../platform/jobs/runner.ts";
import { WorkerRegistry } from "../platform/jobs/worker-registry.ts";
import { Worker } from "../platform/jobs/worker.ts";
import type { ComposeOptions, Parts } from "./compose.ts";

/** Builds the worker of a process; it does not take jobs yet. */
export function createWorker(
  { config, stores, metrics, log }: ComposeOptions,
  parts: Parts,
): Worker {
  const { jobs, jobRepository: repository, unitOfWork, nudges, kinds, modules, webhooks } = parts;
  return new Worker({
    database: stores.database,
    repository,
    nudges,
    kinds,
    registry: new WorkerRegistry(stores.database, unitOfWork, repository, jobs, log),
    runner: new JobRunner({
      unitOfWork,
      repository,
      jobs,
      log,
      onRun: (report) => {
        metrics.jobRun(report);
      },
    }),
    crons: modules.flatMap((module) => module.crons ?? []),
    tasks: [webhooks.task, ...modules.flatMap((module) => module.tasks ?? [])],
    concurrency: config.WORKER_CONCURRENCY,
    log,
  });
}
