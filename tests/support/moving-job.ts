import type { Workshop } from "./workshop.ts";

/** A RUNNING job that no worker knows of, moved by the test step by step. */
export class MovingJob {
  private constructor(
    private readonly workshop: Workshop,
    readonly id: string,
    readonly userId: string,
  ) {}

  static async start(workshop: Workshop, userId: string): Promise<MovingJob> {
    const id = workshop.jobs.newId("CRAFT");
    await workshop.database.query(
      `insert into ai_jobs (id, user_id, kind, input, slot, status, worker_id, attempts, started_at, heartbeat_at)
       values ($1, $2, 'CRAFT', '{}', 0, 'RUNNING', 'the test', 1, now(), now() + interval '1 hour')`,
      [id, userId],
    );
    return new MovingJob(workshop, id, userId);
  }

  /** One step of progress: one version more. */
  async move(): Promise<void> {
    const { unitOfWork, repository, jobs } = this.workshop;
    await unitOfWork.run(async (tx) => {
      const job = await repository.advance(tx, this.id, 1, { progress: 1 });
      if (!job) throw new Error("The job is gone.");
      await jobs.moved(tx, job);
    });
  }

  /** The final state. */
  async finish(): Promise<void> {
    const { unitOfWork, repository, jobs } = this.workshop;
    await unitOfWork.run(async (tx) => {
      const job = await repository.finish(tx, this.id, {
        status: "SUCCEEDED",
        from: ["RUNNING"],
        attempt: 1,
      });
      if (!job) throw new Error("The job is gone.");
      await jobs.moved(tx, job);
    });
  }
}
