import type { Redis } from "ioredis";

const GENERATION = "answers:generation";
const MAX_LENGTH = 500_000;
const MAX_MEMORY_LENGTH = 20_000_000;
/** Only answers that nobody asks for any more live so long: changes drop them before. */
const TTL_SECONDS = 300;

/** An answer as it was sent. */
export interface KeptAnswer {
  readonly etag: string;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Keeps answers in Redis, and in the process while Redis is away. Each belongs to a generation, read before the answer
 * was made; `drop` begins a new one, so that an answer made from old rows is never found, however late it is stored.
 */
export class KeptAnswers {
  private readonly memory = new Map<string, { generation: string; answer: KeptAnswer }>();
  private memoryLength = 0;
  private ownGeneration = 0;
  /** Changes that Redis has not heard of: what it keeps may be older. */
  private untold = 0;
  private telling: Promise<void> | null = null;

  /** @param redis Null keeps everything in the process. */
  constructor(private readonly redis: Redis | null) {}

  /** The answer, if it is of the present generation; and that generation, for `keep`. */
  async find(key: string): Promise<{ generation: string; answer: KeptAnswer | null }> {
    const redis = await this.toldRedis();
    if (redis) {
      try {
        const [generation, kept] = await redis.mget(GENERATION, `answer:${key}`);
        const shared = `redis ${generation ?? "0"}`;
        const found = kept
          ? (JSON.parse(kept) as { generation: string; answer: KeptAnswer })
          : null;
        return { generation: shared, answer: found?.generation === shared ? found.answer : null };
      } catch {
        // As if it were away.
      }
    }
    const own = String(this.ownGeneration);
    const found = this.memory.get(key);
    return { generation: own, answer: found?.generation === own ? found.answer : null };
  }

  /** Stores an answer; nobody waits for it. */
  keep(key: string, generation: string, answer: KeptAnswer): void {
    if (answer.body.length > MAX_LENGTH) return;
    if (generation.startsWith("redis ")) {
      const value = JSON.stringify({ generation, answer });
      this.redis?.set(`answer:${key}`, value, "EX", TTL_SECONDS).catch(() => undefined);
      return;
    }
    if (generation !== String(this.ownGeneration)) return;
    if (this.memoryLength + answer.body.length > MAX_MEMORY_LENGTH) this.clear();
    this.memory.set(key, { generation, answer });
    this.memoryLength += answer.body.length;
  }

  /** Rows have changed: what was kept is worth nothing. */
  drop(): void {
    this.ownGeneration += 1;
    this.clear();
    this.untold += 1;
    if (this.redis) this.telling ??= this.tell(this.redis);
  }

  /** Redis, when it can be asked: not before it knows of each change, also of those while it was away. */
  private async toldRedis(): Promise<Redis | null> {
    if (this.redis?.status !== "ready") return null;
    while (this.telling) await this.telling;
    if (this.untold === 0) return this.redis;
    await (this.telling = this.tell(this.redis));
    return this.untold === 0 ? this.redis : null;
  }

  private async tell(redis: Redis): Promise<void> {
    const told = this.untold;
    try {
      await redis.incr(GENERATION);
      this.untold -= told;
    } catch {
      // The next one who asks tries again.
    } finally {
      this.telling = null;
    }
  }

  private clear(): void {
    this.memory.clear();
    this.memoryLength = 0;
  }
}
