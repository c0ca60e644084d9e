import {
  Arg,
  Authorized,
  Ctx,
  FieldResolver,
  Float,
  Int,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import type { FeedEntry } from "../../../platform/events/feed.ts";
import { registerFeedTopic } from "../../../platform/events/feed.types.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { Viewer } from "../../identity/index.ts";
import { ACHIEVEMENT_TOPIC } from "../goals.vocabulary.ts";
import { ACHIEVEMENTS } from "./achievement.catalogue.ts";
import type { NumberedUnlock } from "./achievement.repository.ts";
import type { AchievementService, AchievementState } from "./achievement.service.ts";
import {
  Achievement,
  AchievementEvent,
  AchievementNames,
  AchievementUnlocked,
} from "./achievement.types.ts";

registerFeedTopic(ACHIEVEMENT_TOPIC, AchievementEvent.name);

/** How an achievement reads, and how far it is. */
@Resolver(() => Achievement)
export class AchievementFieldsResolver {
  @FieldResolver(() => AchievementNames)
  name(@Root() { definition }: AchievementState): string {
    return definition.name;
  }

  @FieldResolver(() => String)
  title(@Root() { definition }: AchievementState, @Ctx() { language }: Context): string {
    return definition.title[language];
  }

  @FieldResolver(() => String)
  description(@Root() { definition }: AchievementState, @Ctx() { language }: Context): string {
    return definition.description[language];
  }

  @FieldResolver(() => Int)
  rewardPoints(@Root() { definition }: AchievementState): number {
    return definition.points;
  }

  @FieldResolver(() => Int)
  target(@Root() { definition }: AchievementState): number {
    return definition.goal;
  }

  @FieldResolver(() => Float)
  progress(@Root() { definition, count }: AchievementState): number {
    return count / definition.goal;
  }

  @FieldResolver(() => Boolean)
  isUnlocked(@Root() { unlockedAt }: AchievementState): boolean {
    return unlockedAt !== null;
  }
}

@Resolver(() => AchievementEvent)
export class AchievementEventResolver {
  constructor(private readonly service: AchievementService) {}

  @FieldResolver(() => Achievement, { nullable: true })
  async achievement(
    @Root() { refId }: FeedEntry,
    @Ctx() context: Context,
  ): Promise<AchievementState | null> {
    const states = await this.service.statesOf(signedIn(context).userId);
    return states.find(({ definition }) => definition.name === refId) ?? null;
  }
}

/** What the signed-in user has achieved. */
@Resolver(() => Viewer)
export class AchievementResolver {
  constructor(private readonly service: AchievementService) {}

  @FieldResolver(() => [Achievement], {
    description: "Everything that can be achieved, and how far the user has come.",
  })
  achievements(@Root() { id }: Viewer): Promise<AchievementState[]> {
    return this.service.statesOf(id);
  }

  @Authorized()
  @Subscription(() => AchievementUnlocked, {
    description: "What the user unlocks: first what came after the number, then live.",
    subscribe: ({ context, args }) =>
      (context as Context).streams.achievements(
        context as Context,
        args as { after?: number | null },
      ),
  })
  achievementUnlocked(
    @Arg("after", () => Int, {
      nullable: true,
      description:
        "Number of the last event that the client has, of this subscription or of the feed; starts now when absent.",
    })
    _after: number | null,
    @Root() { seq, achievement, unlockedAt }: NumberedUnlock,
  ): AchievementUnlocked {
    const definition = ACHIEVEMENTS.find(({ name }) => name === achievement);
    if (!definition) throw new Error(`There is no achievement ${achievement}.`);
    return { seq, achievement: { definition, count: definition.goal, unlockedAt } };
  }
}
