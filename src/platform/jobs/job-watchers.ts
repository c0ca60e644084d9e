import type { Redis } from "ioredis";
import type { Logger } from "../observe/logger.ts";

const MARK_MS = 30_000;
const RENEW_MS = 10_000;

const keyOf = (jobId: string): string => `watched:${jobId}`;

/**
 * Knows over all processes which jobs somebody looks at live (src/decisions/0022). A mark lives in Redis and is renewed
 * while the job is watched, so that the marks of a dead process pass by themselves. Nothing here throws or is waited for
 * by a watcher.
 */
export class JobWatchers {
  /** How many watchers a job has in this process. */
  private readonly watched = new Map<string, number>();
  private readonly member = `${process.pid}:${Math.random().toString(36).slice(2)}`;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly redis: Redis,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => {
      for (const jobId of this.watched.keys()) this.mark(jobId);
    }, RENEW_MS).unref();
  }

  /** Marks a job as watched. Call the result when that is over, with whether the watcher saw the job's end. */
  add(jobId: string): (sawEnd: boolean) => void {
    this.watched.set(jobId, (this.watched.get(jobId) ?? 0) + 1);
    this.mark(jobId);
    let watching = true;
    return (sawEnd) => {
      if (!watching) return;
      watching = false;
      const left = (this.watched.get(jobId) ?? 1) - 1;
      if (left > 0) this.watched.set(jobId, left);
      else this.watched.delete(jobId);
      // What was seen stays known for a while: whoever asks may come later.
      if (sawEnd) this.mark(jobId);
      else if (left === 0) this.send(this.redis.zrem(keyOf(jobId), this.member));
    };
  }

  /** Whether somebody watches the job now, or saw its end in the last half minute. False while Redis is away. */
  async isWatched(jobId: string): Promise<boolean> {
    try {
      const marks = await this.redis.zrangebyscore(keyOf(jobId), `(${Date.now()}`, "+inf");
      return marks.length > 0;
    } catch (error) {
      this.log.debug({ err: error, jobId }, "nobody can say whether a job is watched");
      return false;
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.watched.clear();
  }

  private mark(jobId: string): void {
    const key = keyOf(jobId);
    this.send(
      this.redis
        .pipeline()
        .zadd(key, Date.now() + MARK_MS, this.member)
        .pexpire(key, MARK_MS)
        .exec(),
    );
  }

  private send(command: Promise<unknown>): void {
    command.catch((error: unknown) => {
      this.log.debug({ err: error }, "a mark of a watched job was not written");
    });
  }
}
