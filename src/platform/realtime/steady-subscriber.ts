import type { Redis } from "ioredis";

const BATCH = 1_000;

/**
 * The connection that RedisPubSub subscribes with. RedisPubSub leaves the promises of failed (un)subscriptions
 * unhandled, which ends a Node process, and ioredis does so when a connection breaks while it subscribes again. Here a
 * subscription never fails: topics wait while Redis is away, and are subscribed again by whoever is left of them.
 */
export class SteadySubscriber {
  private readonly topics = new Set<string>();
  private subscribed = false;
  private epoch = 0;

  /**
   * @param redis A connection with `autoResubscribe: false` and a command timeout.
   * @param onSubscribed Called when all topics are subscribed after a connection was made.
   */
  constructor(
    private readonly redis: Redis,
    private readonly onSubscribed: () => void,
  ) {
    redis.on("ready", this.resubscribe);
    redis.on("close", this.lost);
    if (redis.status === "ready") this.subscribed = true;
  }

  /** Whether nudges of all topics arrive now. */
  isSubscribed(): boolean {
    return this.subscribed && this.redis.status === "ready";
  }

  on(event: string, listener: (...args: unknown[]) => void): this {
    this.redis.on(event, listener);
    return this;
  }

  subscribe(topic: string, done: (error: null) => void): void {
    this.topics.add(topic);
    const settle = () => {
      done(null);
    };
    if (this.redis.status !== "ready") return settle();
    this.redis.subscribe(topic).then(settle, () => {
      settle();
      // The connection is still there, so nobody else would try again.
      if (this.redis.status === "ready") this.redis.disconnect(true);
    });
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic);
    if (this.redis.status !== "ready") return;
    // A topic that stays subscribed by mistake costs a few bytes until the next connection.
    this.redis.unsubscribe(topic).catch(() => undefined);
  }

  /** Patterns are not used. */
  punsubscribe(): void {}

  /** Lets go of the connection, which belongs to whoever opened it. */
  close(): void {
    this.redis.off("ready", this.resubscribe);
    this.redis.off("close", this.lost);
  }

  private readonly lost = (): void => {
    this.subscribed = false;
    this.epoch += 1;
  };

  private readonly resubscribe = (): void => {
    const { epoch } = this;
    const topics = [...this.topics];
    const batches: Promise<unknown>[] = [];
    for (let start = 0; start < topics.length; start += BATCH) {
      batches.push(this.redis.subscribe(...topics.slice(start, start + BATCH)));
    }
    Promise.all(batches).then(
      () => {
        if (epoch !== this.epoch) return;
        this.subscribed = true;
        this.onSubscribed();
      },
      () => {
        if (epoch === this.epoch) this.redis.disconnect(true);
      },
    );
  };
}
