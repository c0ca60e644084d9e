import { GraphQLDateTime } from "graphql-scalars";
import {
  Arg,
  Authorized,
  Ctx,
  FieldResolver,
  Int,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import type { FeedEntry } from "../../platform/events/feed.ts";
import { registerFeedTopic, ViewerEvent } from "../../platform/events/feed.types.ts";
import type { FeedUpdate } from "../../platform/events/follow-feed.ts";
import type { Context } from "../../platform/graphql/context.ts";
import type { Job } from "../../platform/jobs/job.ts";
import { JobInterface } from "../../platform/jobs/job.types.ts";
import { JOB_TOPIC } from "../../platform/jobs/jobs.ts";
import { Viewer } from "../identity/index.ts";
import { isEntry, type ActivityService } from "./activity.service.ts";
import { JobEvent } from "./activity.types.ts";

registerFeedTopic(JOB_TOPIC, JobEvent.name);

/** What every event of the feed shows. */
@Resolver(() => ViewerEvent)
export class ViewerEventResolver {
  constructor(private readonly activity: ActivityService) {}

  @FieldResolver(() => Int)
  seq(@Root() update: FeedUpdate): number {
    return isEntry(update) ? update.seq : update.resetTo;
  }

  @FieldResolver(() => GraphQLDateTime)
  at(@Root() update: FeedUpdate): Date {
    return this.activity.timeOf(update);
  }
}

@Resolver(() => JobEvent)
export class JobEventResolver {
  @FieldResolver(() => JobInterface, { nullable: true })
  job(@Root() entry: FeedEntry, @Ctx() { loaders }: Context): Promise<Job | null> {
    return loaders.job.load(entry.refId);
  }
}

/** The live feed of the signed-in user. */
@Resolver(() => Viewer)
export class FeedResolver {
  constructor(private readonly activity: ActivityService) {}

  @FieldResolver(() => Int, {
    description: "Number of the newest event: fetch the screen with it, then follow from it.",
  })
  lastEventSeq(@Root() { id }: Viewer): Promise<number> {
    return this.activity.lastSeq(id);
  }

  @Authorized()
  @Subscription(() => ViewerEvent, {
    description: "Everything of the user that moves: first what came after the cursor, then live.",
    subscribe: ({ context, args }) =>
      (context as Context).streams.feed(context as Context, args as { after?: number | null }),
  })
  viewerEvents(
    @Arg("after", () => Int, {
      nullable: true,
      description: "Number of the last event that the client has; starts now when absent.",
    })
    _after: number | null,
    @Root() update: FeedUpdate,
  ): FeedUpdate {
    return update;
  }
}
