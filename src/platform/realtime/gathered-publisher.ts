import type { Redis } from "ioredis";

interface Message {
  readonly channel: string;
  readonly text: string;
  readonly sent: PromiseWithResolvers<number>;
}

/** The connection that RedisPubSub publishes with: what is published in one turn of the event loop is written at once. */
export class GatheredPublisher {
  private waiting: Message[] = [];

  constructor(private readonly redis: Redis) {}

  /** Resolves to how many connections were told; rejects when Redis cannot be reached. */
  publish(channel: string, text: string): Promise<number> {
    const sent = Promise.withResolvers<number>();
    this.waiting.push({ channel, text, sent });
    if (this.waiting.length === 1) setImmediate(() => void this.write());
    return sent.promise;
  }

  private async write(): Promise<void> {
    const messages = this.waiting;
    this.waiting = [];
    const pipeline = this.redis.pipeline();
    for (const { channel, text } of messages) pipeline.publish(channel, text);
    try {
      const results = (await pipeline.exec()) ?? [];
      for (const [index, { sent }] of messages.entries()) {
        const [error, told] = results[index] ?? [new Error("Redis has not answered.")];
        if (error) sent.reject(error);
        else sent.resolve(told as number);
      }
    } catch (error) {
      for (const { sent } of messages) sent.reject(error);
    }
  }
}
