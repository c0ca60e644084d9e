import { RedisPubSub } from "graphql-redis-subscriptions";
import type { Redis } from "ioredis";
import type { Logger } from "../observe/logger.ts";
import { GatheredPublisher } from "./gathered-publisher.ts";
import { SteadySubscriber } from "./steady-subscriber.ts";

/** Nudges that could not be sent are kept for Redis' return, up to this many topics; the sweep covers the rest. */
const MAX_UNSENT = 10_000;

/**
 * Tells other processes that something moved. A nudge carries no data and may be lost:
 * whoever listens reads the truth from PostgreSQL, also now and then without a nudge (src/decisions/0001).
 */
export interface Nudges {
  /** Sends a nudge to every listener of the topic in every process. Never throws, never waits. */
  send(topic: string): void;
  /** Resolves once the listener is really subscribed, or at once while Redis is away. */
  listen(topic: string, onNudge: () => void): Promise<() => void>;
  /** Whether Redis can be reached now and all topics are subscribed. */
  isConnected(): boolean;
  /** Calls back whenever all topics are subscribed again after an outage; returns how to stop that. */
  onReconnect(callback: () => void): () => void;
  /** Stops listening. The connections stay open: they belong to whoever opened them. */
  close(): Promise<void>;
}

/** Nudges over Redis publish/subscribe. */
export class RedisNudges implements Nudges {
  private readonly pubSub: RedisPubSub;
  private readonly steady: SteadySubscriber;
  private readonly reconnectCallbacks = new Set<() => void>();
  private readonly local = new Map<string, Set<() => void>>();
  private readonly subscriptions = new Map<string, Promise<number>>();
  private readonly unsent = new Set<string>();
  /** Marks our own nudges, which were delivered in the process already. */
  private readonly origin = `${process.pid}:${Math.random().toString(36).slice(2)}`;

  constructor(
    private readonly publisher: Redis,
    subscriber: Redis,
    private readonly log: Logger,
  ) {
    this.steady = new SteadySubscriber(subscriber, () => {
      for (const callback of this.reconnectCallbacks) callback();
    });
    this.pubSub = new RedisPubSub({
      publisher: new GatheredPublisher(publisher) as unknown as Redis,
      subscriber: this.steady as unknown as Redis,
    });
    publisher.on("ready", this.sendUnsent);
  }

  send(topic: string): void {
    this.deliver(topic);
    this.publish(topic);
  }

  async listen(topic: string, onNudge: () => void): Promise<() => void> {
    const listeners = this.local.get(topic) ?? new Set();
    this.local.set(topic, listeners);
    listeners.add(onNudge);
    await this.ensureSubscribed(topic);
    let listening = true;
    return () => {
      if (!listening) return;
      listening = false;
      listeners.delete(onNudge);
      if (listeners.size === 0 && this.local.get(topic) === listeners) this.forget(topic);
    };
  }

  isConnected(): boolean {
    return this.steady.isSubscribed() && this.publisher.status === "ready";
  }

  onReconnect(callback: () => void): () => void {
    this.reconnectCallbacks.add(callback);
    return () => this.reconnectCallbacks.delete(callback);
  }

  close(): Promise<void> {
    this.local.clear();
    this.reconnectCallbacks.clear();
    this.publisher.off("ready", this.sendUnsent);
    this.steady.close();
    return Promise.resolve();
  }

  private publish(topic: string): void {
    if (this.publisher.status !== "ready") return this.keepUnsent(topic);
    this.pubSub.publish(topic, this.origin).catch((error: unknown) => {
      this.log.debug({ err: error, topic }, "a nudge was not sent");
      this.keepUnsent(topic);
    });
  }

  private keepUnsent(topic: string): void {
    if (this.unsent.size < MAX_UNSENT) this.unsent.add(topic);
  }

  private readonly sendUnsent = (): void => {
    const topics = [...this.unsent];
    this.unsent.clear();
    for (const topic of topics) this.publish(topic);
  };

  private deliver(topic: string): void {
    for (const listener of this.local.get(topic) ?? []) listener();
  }

  private ensureSubscribed(topic: string): Promise<number> {
    const known = this.subscriptions.get(topic);
    if (known) return known;
    const subscription = this.pubSub.subscribe<string>(topic, (sender) => {
      if (sender !== this.origin) this.deliver(topic);
    });
    this.subscriptions.set(topic, subscription);
    return subscription;
  }

  private forget(topic: string): void {
    this.local.delete(topic);
    const subscription = this.subscriptions.get(topic);
    this.subscriptions.delete(topic);
    void subscription?.then((id) => {
      this.pubSub.unsubscribe(id);
    });
  }
}
