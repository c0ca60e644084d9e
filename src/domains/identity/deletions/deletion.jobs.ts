import { problem, refuse } from "../../../platform/graphql/problems.ts";
import type { JobKind } from "../../../platform/jobs/job-kind.ts";
import { ACCOUNT_DELETION } from "./deletion.service.ts";
import { deletionInputSchema, type DeletionInput, type ErasureService } from "./erasure.service.ts";

const DAY_MS = 86_400_000;

/** Jobs that erase people: repeated by themselves until they are done, and by nobody else. */
export const deletionKind = (erasures: ErasureService): JobKind<DeletionInput> => ({
  kind: ACCOUNT_DELETION,
  idPrefix: "del",
  deadlineMs: 20 * DAY_MS,
  maxAttempts: 1_000_000,
  outlivesItsUser: true,
  parseInput: (input) => deletionInputSchema.parse(input),
  run: (job) => erasures.run(job),
  startAgain: () =>
    refuse(problem("JOB_NOT_RETRYABLE", "A deletion goes on by itself.", ["input", "id"])),
  onUnsuccessful: () => Promise.resolve(),
});
