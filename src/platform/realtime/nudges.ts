import { RedisPubSub } from "graphql-redis-subscriptions";
import type { Redis } from "ioredis";
import type { Logger } from "../observe/logger.ts";
import { tolerantSubscriber } from "./tolerant-subscriber.ts";

const HEARTBEAT_MS = 500;

/**
 * Tells other processes that something moved. A nudge carries no data and may be lost:
 * whoever listens reads the truth from PostgreSQL, also now and then without a nudge (src/decisions/0001).
 */
export interface Nudges {
  /** Sends a nudge to every listener of the topic in every process. Never throws, never waits. */
  send(topic: string): void;
  /** Resolves once the listener is really subscribed, or at once while Redis is away. */
  listen(topic: string, onNudge: () => void): Promise<() => void>;
  /** Whether Redis can be reached now. */
  isConnected(): boolean;
  /** Calls back whenever Redis came back after an outage; returns how to stop that. */
  onReconnect(callback: () => void): () => void;
  close(): Promise<void>;
}

/** Nudges over Redis publish/subscribe. */
export class RedisNudges implements Nudges {
  private readonly pubSub: RedisPubSub;
  private readonly reconnectCallbacks = new Set<() => void>();
  private readonly local = new Map<string, Set<() => void>>();
  private readonly subscriptions = new Map<string, Promise<number>>();
  private readonly heartbeat: NodeJS.Timeout;
  private answering = true;

  constructor(
    private readonly publisher: Redis,
    private readonly subscriber: Redis,
    private readonly log: Logger,
  ) {
    this.pubSub = new RedisPubSub({ publisher, subscriber: tolerantSubscriber(subscriber) });
    subscriber.on("ready", () => void this.resume());
    this.heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
  }

  send(topic: string): void {
    this.deliver(topic);
    if (this.publisher.status !== "ready") return;
    this.pubSub.publish(topic, this.origin).catch((error: unknown) => {
      this.log.debug({ err: error, topic }, "a nudge was lost");
    });
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
    const open = this.subscriber.status === "ready" && this.publisher.status === "ready";
    return open && this.answering;
  }

  onReconnect(callback: () => void): () => void {
    this.reconnectCallbacks.add(callback);
    return () => this.reconnectCallbacks.delete(callback);
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    this.local.clear();
    this.reconnectCallbacks.clear();
    await this.pubSub.close().catch(() => undefined);
  }

  /** Marks our own nudges, which were delivered in the process already. */
  private readonly origin = `${process.pid}:${Math.random().toString(36).slice(2)}`;

  private deliver(topic: string): void {
    for (const listener of this.local.get(topic) ?? []) listener();
  }

  /** A server that is there but does not answer counts as gone. */
  private async beat(): Promise<void> {
    if (this.publisher.status !== "ready") return;
    const answers = await this.publisher.ping().then(
      () => true,
      () => false,
    );
    const isBack = answers && !this.answering;
    this.answering = answers;
    if (isBack) await this.resume();
  }

  /** Subscribes to everything again, then tells that nudges may have been lost. */
  private async resume(): Promise<void> {
    const topics = [...this.local.keys()];
    try {
      if (topics.length > 0) await this.subscriber.subscribe(...topics);
    } catch (error) {
      this.log.debug({ err: error }, "could not listen again; the next try follows");
    }
    for (const callback of this.reconnectCallbacks) callback();
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
