import type { FastifyInstance } from "fastify";
import type { Tx } from "./db/unit-of-work.ts";
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
  /** What the domain keeps about a person. */
  readonly personalData?: PersonalData;
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

/** How a domain hands over, moves and forgets what it keeps about a person. */
export interface PersonalData {
  /** Names the domain's part in an export and in a report: camelCase. */
  readonly name: string;
  /** Tables that name users (`user_id`, `…_user_id`) that it answers for: each such table has exactly one that does. */
  readonly tables: readonly string[];
  /** The same for collections in MongoDB. */
  readonly collections?: readonly string[];
  /** Everything that the user may have, as JSON: no secret, no hash, no key of a stored file. */
  export(userId: string): Promise<unknown>;
  /**
   * Locks rows of a guest that others change just now, before the guest is closed for anything new: so they end, and nobody
   * waits for each other. For rows that are changed together with the feed.
   */
  lock?(tx: Tx, userId: string): Promise<void>;
  /**
   * Makes a guest's things another account's, in the transaction that ends the guest. Nothing of the guest changes meanwhile.
   * @returns how many of each kind were moved, for the report
   */
  merge(
    tx: Tx,
    move: { readonly fromUserId: string; readonly toUserId: string },
  ): Promise<Readonly<Record<string, number>>>;
  /**
   * Deletes what is personal and cuts the person off from what must stay. The account is closed by then, its jobs have ended.
   * Called again when it rejects or a worker died over it; resolves when nothing is left.
   */
  erase(userId: string): Promise<void>;
}

/** Two records of one thing disagree. */
export interface Finding {
  /** Which comparison found it, in words joined by hyphens. */
  readonly check: string;
  /** What is wrong: an id, or ids. */
  readonly subject: string;
  readonly detail: string;
}
