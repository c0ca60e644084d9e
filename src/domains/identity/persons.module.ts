import type { Database } from "../../platform/db/database.ts";
import type { Feed } from "../../platform/events/feed.ts";
import { registerOwnedNode } from "../../platform/graphql/node.ts";
import type { Idempotency } from "../../platform/jobs/idempotency.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { DomainModule, PersonalData } from "../../platform/module.ts";
import { deletionKind } from "./deletions/deletion.jobs.ts";
import { DeletionRepository } from "./deletions/deletion.repository.ts";
import { DeletionResolver } from "./deletions/deletion.resolver.ts";
import { DeletionService, type DeletionServiceDeps } from "./deletions/deletion.service.ts";
import { ErasureService, type ErasureServiceDeps } from "./deletions/erasure.service.ts";
import { exportKind } from "./exports/export.jobs.ts";
import { ExportRepository } from "./exports/export.repository.ts";
import { ExportResolver } from "./exports/export.resolver.ts";
import { ExportService, type ExportServiceDeps } from "./exports/export.service.ts";
import { MergeRepository } from "./merges/merge.repository.ts";
import { MergeResolver } from "./merges/merge.resolver.ts";
import { MergeService, type MergeServiceDeps } from "./merges/merge.service.ts";

/** What merging, handing over and forgetting people needs of the rest of the program. */
export interface PersonsNeeds {
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly jobDeletions: JobDeletions;
  readonly idempotency: Idempotency;
  readonly feed: Feed;
  /** Every domain's, in the order in which they are locked, moved and erased: jobs first, the account last. */
  readonly personalData: readonly PersonalData[];
  /** A run of an export that takes longer fails. */
  readonly deadlineMs: number;
}

type Given = Omit<
  MergeServiceDeps & ExportServiceDeps & DeletionServiceDeps & ErasureServiceDeps,
  Made
>;
type Made = "merges" | "exports" | "exportRows" | "deletions";

/** Puts together what goes through all domains: guests that become part of an account, exports, deletions of accounts. */
export function createPersonsModule(
  given: Given & PersonsNeeds & { readonly database: Database },
): DomainModule {
  const exportRows = new ExportRepository(given.database);
  const exports = new ExportService({ ...given, exportRows });
  const merges = new MergeService({ ...given, exports, merges: new MergeRepository() });
  const deletions = new DeletionRepository(given.database);
  const erasures = new ErasureService({ ...given, deletions });
  registerOwnedNode("exp", "DataExport", (loaders) => loaders.job);
  registerOwnedNode("del", "AccountDeletion", (loaders) => loaders.job);
  return {
    resolvers: [
      new MergeResolver(merges),
      new ExportResolver(exports),
      new DeletionResolver(new DeletionService(given)),
    ],
    jobKinds: [exportKind(exports, given.deadlineMs), deletionKind(erasures)],
    crons: [{ name: "remove_old_exports", pattern: "23 * * * *", run: () => exports.removeOld() }],
    reconcile: () => erasures.findings(),
  };
}
