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

  /** @param redis Null keeps everything in the process. */
  constructor(private readonly redis: Redis | null) {}

  /** The answer, if it is of the present generation; and that generation, for `keep`. */
  async find(key: string): Promise<{ generation: string; answer: KeptAnswer | null }> {
    const own = String(this.ownGeneration);
    if (this.redis?.status === "ready") {
      try {
        const [generation, kept] = await this.redis.mget(GENERATION, `answer:${key}`);
        const shared = `redis ${generation ?? "0"}`;
        const found = kept
          ? (JSON.parse(kept) as { generation: string; answer: KeptAnswer })
          : null;
        return { generation: shared, answer: found?.generation === shared ? found.answer : null };
      } catch {
        // As if it were away.
      }
    }
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
    this.redis?.incr(GENERATION).catch(() => undefined);
  }

  private clear(): void {
    this.memory.clear();
    this.memoryLength = 0;
  }
}
