import { globToRegex } from "./keyspace.ts";
import type { RedisReply } from "./resp.ts";

/** Someone who receives messages. */
export interface Subscriber {
  deliver(message: RedisReply): void;
}

/** Who listens to what. Messages go to those who listen at the moment, and to nobody later. */
export class Channels {
  private readonly exact = new Map<string, Set<Subscriber>>();
  private readonly patterns = new Map<string, { regex: RegExp; members: Set<Subscriber> }>();

  subscribe(channel: string, subscriber: Subscriber): void {
    const members = this.exact.get(channel) ?? new Set();
    this.exact.set(channel, members.add(subscriber));
  }

  unsubscribe(channel: string, subscriber: Subscriber): void {
    const members = this.exact.get(channel);
    members?.delete(subscriber);
    if (members?.size === 0) this.exact.delete(channel);
  }

  subscribePattern(glob: string, subscriber: Subscriber): void {
    const entry = this.patterns.get(glob) ?? { regex: globToRegex(glob), members: new Set() };
    entry.members.add(subscriber);
    this.patterns.set(glob, entry);
  }

  unsubscribePattern(glob: string, subscriber: Subscriber): void {
    const entry = this.patterns.get(glob);
    entry?.members.delete(subscriber);
    if (entry?.members.size === 0) this.patterns.delete(glob);
  }

  /** Returns how many received the message. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    for (const subscriber of this.exact.get(channel) ?? []) {
      subscriber.deliver(["message", channel, message]);
      receivers += 1;
    }
    for (const [glob, { regex, members }] of this.patterns) {
      if (!regex.test(channel)) continue;
      for (const subscriber of members) {
        subscriber.deliver(["pmessage", glob, channel, message]);
        receivers += 1;
      }
    }
    return receivers;
  }
}
