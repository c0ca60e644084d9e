import { systemClock } from "../../src/platform/clock/clock.ts";
import { Database } from "../../src/platform/db/database.ts";
import { UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { Feed } from "../../src/platform/events/feed.ts";
import { Ids } from "../../src/platform/ids/ids.ts";
import { JobRepository } from "../../src/platform/jobs/job.repository.ts";
import { jobTopic } from "../../src/platform/jobs/jobs.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { RedisNudges } from "../../src/platform/realtime/nudges.ts";
import { openRedis, openRedisSubscriber, readyOrTimeout } from "../../src/platform/redis/redis.ts";
import type { Stage } from "./stage.ts";

/** Moves jobs the way a worker does, from a process of its own, and notes when each change was committed. */
export class Mover {
  private constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: JobRepository,
    private readonly feed: Feed,
    private readonly nudges: RedisNudges,
    private readonly userId: string,
  ) {}

  static async open(stage: Pick<Stage, "urls">, userId: string): Promise<Mover> {
    const log = createLogger("warn");
    const database = await Database.open({
      url: stage.urls.postgresUrl,
      poolSize: 8,
      applicationName: "mover",
      entities: [],
      migrations: [],
      log,
    });
    const redis = { url: stage.urls.redisUrl, commandTimeoutMs: 5_000, log };
    const publisher = openRedis(redis);
    const subscriber = openRedisSubscriber(redis);
    await Promise.all([readyOrTimeout(publisher, 5_000), readyOrTimeout(subscriber, 5_000)]);
    const nudges = new RedisNudges(publisher, subscriber, log);
    const feed = new Feed(database, nudges);
    return new Mover(
      database,
      new UnitOfWork(database, log),
      new JobRepository(database),
      feed,
      nudges,
      userId,
    );
  }

  /** RUNNING jobs of the person, version 1, that no worker knows of. */
  async createJobs(count: number): Promise<string[]> {
    const ids = new Ids(() => 1023, systemClock);
    const jobIds = Array.from({ length: count }, () => ids.next("ana"));
    await this.database.query(
      `insert into ai_jobs (id, user_id, kind, input, slot, status, worker_id, attempts, started_at)
       select id, $2, 'SKIN_ANALYSIS', '{}', 0, 'RUNNING', 'bench', 1, now() from unnest($1::text[]) id`,
      [jobIds, this.userId],
    );
    return jobIds;
  }

  /** One step of progress, in one transaction with its line in the feed, as a worker does it. */
  async move(id: string, committed: (key: string, atMs: number) => void): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const job = await this.repository.advance(tx, id, 1, { progress: 1 });
      if (!job) throw new Error("The job is gone.");
      await this.feed.append(tx, this.userId, { topic: "JOB", refId: id, version: job.version });
      tx.afterCommit(() => {
        committed(`${id}:${job.version}`, performance.now());
        this.nudges.send(jobTopic(id));
      });
    });
  }

  /** One change of all jobs at once. */
  async moveAll(jobIds: readonly string[]): Promise<void> {
    await this.database.query("update ai_jobs set version = version + 1 where id = any($1)", [
      jobIds,
    ]);
    for (const id of jobIds) this.nudges.send(jobTopic(id));
  }

  async close(): Promise<void> {
    await this.nudges.close();
    await this.database.close();
  }
}
