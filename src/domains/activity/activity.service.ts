import type { Feed, FeedEntry } from "../../platform/events/feed.ts";
import { followFeed, type FeedUpdate } from "../../platform/events/follow-feed.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import { badUserInput } from "../../platform/graphql/errors.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobRepository, QueueEstimate } from "../../platform/jobs/job.repository.ts";
import type { Sweep } from "../../platform/realtime/sweep.ts";
import type { Clock } from "../../platform/clock/clock.ts";

export interface ActivityDependencies {
  readonly repository: JobRepository;
  readonly feed: Feed;
  /** Sweeps over the feeds that are followed in this process. */
  readonly feedSweep: Sweep;
  readonly clock: Clock;
  /** Jobs that all workers together run at once, for estimates. */
  readonly concurrency: number;
}

/** What a user sees of their own work: lists, estimates, the live feed. */
export class ActivityService {
  constructor(private readonly dependencies: ActivityDependencies) {}

  /** A page of a user's jobs, newest first. */
  jobsOf(
    userId: string,
    filter: { kinds?: readonly string[] | null; statuses?: readonly string[] | null },
    page: PageRequest,
  ): Promise<Job[]> {
    const { kinds = null, statuses = null } = filter;
    return this.dependencies.repository.pageOfUser(userId, { kinds, statuses }, page);
  }

  /** Seconds until a job ends, from the mean of its kind's last 50; null while nothing is known. */
  estimateSeconds(job: Job, estimate: QueueEstimate | null): number | null {
    if (estimate?.averageMs == null) return null;
    const { clock, concurrency } = this.dependencies;
    if (job.status === "RUNNING" && job.startedAt) {
      const spentMs = clock.now().getTime() - job.startedAt.getTime();
      return Math.ceil(Math.max(0, estimate.averageMs - spentMs) / 1000);
    }
    const rounds = Math.ceil(estimate.position / concurrency);
    return Math.ceil((rounds * estimate.averageMs) / 1000);
  }

  /** Follows a user's feed. @param after The last number that the client has; null starts now. */
  follow(userId: string, after: number | null): AsyncIterableIterator<FeedUpdate> {
    if (after !== null && after < 0) throw badUserInput("after must not be negative.", ["after"]);
    const { feed, feedSweep } = this.dependencies;
    return followFeed({ feed, sweep: feedSweep, userId, after });
  }

  /** The number of the newest event, to follow from. */
  lastSeq(userId: string): Promise<number> {
    return this.dependencies.feed.lastSeq(userId);
  }

  /** When an update happened; a reset happens now. */
  timeOf(update: FeedUpdate): Date {
    return isEntry(update) ? update.createdAt : this.dependencies.clock.now();
  }
}

/** Whether an update is an entry of the feed rather than the news of a gap. */
export const isEntry = (update: FeedUpdate): update is FeedEntry => !("resetTo" in update);
