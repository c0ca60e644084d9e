import { setTimeout as pause } from "node:timers/promises";
import type { JobDeletions } from "./job-deletions.ts";
import type { JobKind } from "./job-kind.ts";
import type { JobOwnerRepository } from "./job-owner.repository.ts";
import type { Jobs } from "./jobs.ts";

const BATCH = 100;
const LOOK_MS = 100;
const PATIENCE_MS = 15_000;
/** Work that was told to stop may be in the middle of a write; what it writes must be there before it is removed. */
const LAST_WRITE_MS = 1_000;

export interface JobErasureDependencies {
  readonly jobs: Jobs;
  readonly owners: JobOwnerRepository;
  readonly jobDeletions: JobDeletions;
  readonly kinds: ReadonlyMap<string, JobKind>;
}

/** Ends all jobs of a user whose account is closed, and deletes them with what they left. */
export class JobErasure {
  constructor(private readonly dependencies: JobErasureDependencies) {}

  /** @throws Error when work does not stop or a store does not delete in time; call it again later. */
  async erase(userId: string): Promise<void> {
    await this.endAll(userId);
    await this.deleteAll(userId);
    const { owners, jobDeletions } = this.dependencies;
    await jobDeletions.complete();
    const open = await owners.openDeletions(userId);
    if (open > 0) throw new Error(`${open} deleted jobs have left something that is still there.`);
  }

  /** Cancels what waits, and waits for what runs: it must not store anything after it was erased. */
  private async endAll(userId: string): Promise<void> {
    const { jobs } = this.dependencies;
    const patienceEnds = Date.now() + PATIENCE_MS;
    let wasRunning = false;
    for (;;) {
      const ids = await this.idsOf(userId, true);
      if (ids.length === 0) break;
      if (Date.now() > patienceEnds) throw new Error(`${ids.length} jobs have not stopped yet.`);
      for (const id of ids) {
        const { status } = await jobs.cancel(userId, id);
        wasRunning ||= status === "RUNNING";
      }
      await pause(LOOK_MS);
    }
    if (wasRunning) await pause(LAST_WRITE_MS);
  }

  private async deleteAll(userId: string): Promise<void> {
    const { jobs, jobDeletions } = this.dependencies;
    for (;;) {
      const ids = await this.idsOf(userId, false);
      for (const id of ids) {
        const job = await jobs.ownedBy(userId, id);
        if (job) await jobDeletions.delete(userId, job.kind, id);
      }
      if (ids.length < BATCH) return;
    }
  }

  private idsOf(userId: string, unfinished: boolean): Promise<string[]> {
    const { owners, kinds } = this.dependencies;
    const stay = [...kinds.values()].filter((kind) => kind.outlivesItsUser).map(({ kind }) => kind);
    return owners.idsOf(userId, stay, { unfinished, limit: BATCH });
  }
}
