import { GraphQLDateTime } from "graphql-scalars";
// type-graphql refuses to run without it, although every type here is explicit.
import "reflect-metadata";

import { Field, Int, InterfaceType, ObjectType } from "type-graphql";
import type { FeedUpdate } from "./follow-feed.ts";

const typeNames = new Map<string, string>();

/** Says which GraphQL type shows the feed entries of a topic. */
export function registerFeedTopic(topic: string, typeName: string): void {
  typeNames.set(topic, typeName);
}

/** One event of a user's live feed. */
@InterfaceType({
  description: "One event of the signed-in user's live feed.",
  resolveType: (value: FeedUpdate) =>
    "resetTo" in value ? FeedReset.name : typeNames.get(value.topic),
})
export abstract class ViewerEvent {
  @Field(() => Int, {
    description: "Number of the event, without gaps; give the last one as `after` to resume.",
  })
  seq!: number;

  @Field(() => GraphQLDateTime, { description: "When it happened." })
  at!: Date;
}

@ObjectType({
  implements: ViewerEvent,
  description: "Events after the cursor are gone: fetch everything anew and go on from `seq`.",
})
export class FeedReset extends ViewerEvent {}
