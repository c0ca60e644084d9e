import type { FastifyInstance } from "fastify";
import type { LoaderFactory } from "./graphql/loaders.ts";
import type { Streams } from "./graphql/streams.ts";
import type { JobKind } from "./jobs/job-kind.ts";
import type { WebhookSource } from "./webhooks/webhook-source.ts";

/** What a domain gives to the program that puts facet together. */
export interface DomainModule {
  /** Instances of type-graphql resolver classes. */
  readonly resolvers: readonly object[];
  readonly loaders?: LoaderFactory;
  /** What its subscriptions open. */
  readonly streams?: Partial<Streams>;
  readonly jobKinds?: readonly JobKind[];
  readonly crons?: readonly Cron[];
  /** Work that the queue does for the domain itself, without a job that a user could see. */
  readonly tasks?: readonly QueueTask[];
  /** Other systems that report to the domain. */
  readonly webhooks?: readonly WebhookSource[];
  /** Compares what must agree and tells everything that does not. */
  readonly reconcile?: () => Promise<readonly Finding[]>;
  /** Plain HTTP routes, such as callbacks. */
  readonly routes?: (app: FastifyInstance) => void;
}

/** Work of the queue by its name; whoever queues it calls `graphile_worker.add_job` in a transaction. */
export interface QueueTask {
  /** Unique, snake_case. */
  readonly name: string;
  /** May be called again for the same payload: when it rejects, and when a worker died over it. */
  run(payload: unknown): Promise<void>;
}

/** Work that runs by the clock, once over all workers. */
export interface Cron {
  /** Unique, snake_case. */
  readonly name: string;
  /** Five-field cron pattern in UTC. */
  readonly pattern: string;
  run(): Promise<void>;
}

/** Two records of one thing disagree. */
export interface Finding {
  /** Which comparison found it, in words joined by hyphens. */
  readonly check: string;
  /** What is wrong: an id, or ids. */
  readonly subject: string;
  readonly detail: string;
}
