import type { Redis } from "ioredis";

/**
 * A subscriber for RedisPubSub, which does not hear when these commands fail: a rejection that nobody hears ends the process.
 * Here subscribing succeeds also while Redis is away; whoever uses it subscribes again once Redis answers.
 */
export function tolerantSubscriber(redis: Redis): Redis {
  const commands: Record<PropertyKey, unknown> = {
    subscribe: (topic: string, done: (error: null) => void): void => {
      const subscribed = () => {
        done(null);
      };
      redis.subscribe(topic).then(subscribed, subscribed);
    },
    unsubscribe: (topic: string): void => {
      redis.unsubscribe(topic).catch(() => undefined);
    },
    punsubscribe: () => undefined,
  };
  return new Proxy(redis, {
    get: (target, name) => commands[name] ?? bound(target, Reflect.get(target, name)),
  });
}

const bound = (target: Redis, value: unknown): unknown =>
  typeof value === "function" ? (value.bind(target) as unknown) : value;
