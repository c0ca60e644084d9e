import type { JobKind } from "../../../platform/jobs/job-kind.ts";
import { DATA_EXPORT } from "./export.repository.ts";
import { exportKey, type ExportService } from "./export.service.ts";

const MAX_ATTEMPTS = 5;

/** Jobs that put exports together. */
export const exportKind = (exports: ExportService, deadlineMs: number): JobKind => ({
  kind: DATA_EXPORT,
  idPrefix: "exp",
  deadlineMs,
  maxAttempts: MAX_ATTEMPTS,
  parseInput: (input) => input,
  run: (job) => exports.run(job),
  startAgain: (job, idempotencyKey) => exports.start(job.userId, idempotencyKey),
  remains: { files: ({ id }) => Promise.resolve([exportKey(id)]) },
  // An export costs nothing.
  onUnsuccessful: () => Promise.resolve(),
});
