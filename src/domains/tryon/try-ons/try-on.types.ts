import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes, PageArgs } from "../../../platform/graphql/connection.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload, registerProblemCodes } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import { JobFailure, JobInterface } from "../../../platform/jobs/job.types.ts";
import { Hairstyle } from "../hairstyles/hairstyle.types.ts";
import {
  HairViews,
  TryOnViewStatuses,
  type HairView,
  type TryOnViewStatus,
} from "./try-on.vocabulary.ts";

registerProblemCodes({
  HAIRSTYLE_NOT_FOUND: "There is no such hairstyle on offer.",
});

registerEnumType(HairViews, {
  name: "HairView",
  description: "From where a person is shown.",
  valuesConfig: {
    FRONT: { description: "Face to face." },
    RIGHT: { description: "The right side of the head." },
    LEFT: { description: "The left side of the head." },
    BACK: { description: "From behind." },
  },
});

registerEnumType(TryOnViewStatuses, {
  name: "HairTryOnViewStatus",
  description: "What became of one view of a try-on.",
  valuesConfig: {
    PENDING: { description: "Still to be made." },
    SUCCEEDED: { description: "There." },
    FAILED: { description: "There will be none; it costs nothing." },
  },
});

@ObjectType({ description: "One view of a try-on." })
export class HairTryOnView {
  @Field(() => HairViews, { description: "From where." })
  view!: HairView;

  @Field(() => TryOnViewStatuses, { description: "What became of it." })
  status!: TryOnViewStatus;

  @Field(() => String, {
    nullable: true,
    description: "Signed address of the picture, JPEG, good for a few minutes; null without one.",
  })
  imageUrl!: string | null;

  @Field(() => JobFailure, { nullable: true, description: "Why there is none." })
  failure!: JobFailure | null;
}

@ObjectType({
  implements: [Node, JobInterface],
  description: "The user with another hairstyle, seen from up to four sides.",
})
export class HairTryOn extends JobInterface {
  @Field(() => Hairstyle, { nullable: true, description: "The hairstyle." })
  hairstyle!: unknown;

  @Field(() => [HairTryOnView], {
    description: "The views that were asked for; each is pushed as it comes.",
  })
  views!: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      "Signed address of the user's picture, good for a few minutes; null before it was read.",
  })
  imageUrl!: string | null;

  @Field(() => Boolean, {
    description:
      "Whether the pictures give an idea only, because this server has no picture maker.",
  })
  preview!: boolean;

  @Field(() => Boolean, { description: "Whether the user keeps it among the favourites." })
  isFavourite!: boolean;

  @Field(() => Int, { description: "Credits that are held for it while it is not finished." })
  creditsHeld!: number;

  @Field(() => Int, { description: "Credits that it has cost: one for each view that came." })
  creditsSpent!: number;

  @Field(() => HairTryOn, { nullable: true, description: "The failed try-on that this repeats." })
  retryOf!: HairTryOn | null;
}

const connection = connectionTypes<Job>("HairTryOn", () => HairTryOn as never);
export const HairTryOnConnection = connection.connection;

@ArgsType()
export class HairTryOnsArgs extends PageArgs {
  @Field(() => Boolean, { nullable: true, description: "Only favourites." })
  favouritesOnly?: boolean | null;
}

@InputType({ description: "A picture, a hairstyle, and from where to show it." })
export class CreateHairTryOnInput {
  @Field(() => ID, {
    nullable: true,
    description:
      "An upload of purpose TRY_ON_SOURCE whose bytes were sent. Else give inputImageUrl.",
  })
  uploadId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "HTTPS address of a portrait on a public host. Else give uploadId.",
  })
  inputImageUrl?: string | null;

  @Field(() => ID, { description: "The hairstyle." })
  hairstyleId!: string;

  @Field(() => [HairViews], { description: "One to four different views; each costs a credit." })
  views!: HairView[];

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same try-on; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `createHairTryOn`." })
export class CreateHairTryOnPayload extends Payload {
  @Field(() => HairTryOn, { nullable: true, description: "The try-on, QUEUED." })
  hairTryOn?: unknown;
}

@InputType({ description: "Which try-on to mark." })
export class SetHairTryOnFavouriteInput {
  @Field(() => ID, { description: "The try-on." })
  id!: string;

  @Field(() => Boolean, { description: "Whether it is to be a favourite." })
  isFavourite!: boolean;
}

@ObjectType({ description: "The outcome of `setHairTryOnFavourite`." })
export class SetHairTryOnFavouritePayload extends Payload {
  @Field(() => HairTryOn, { nullable: true, description: "The try-on." })
  hairTryOn?: unknown;
}

@InputType({ description: "Which try-on to delete." })
export class DeleteHairTryOnInput {
  @Field(() => ID, { description: "The try-on." })
  id!: string;
}

@ObjectType({ description: "The outcome of `deleteHairTryOn`." })
export class DeleteHairTryOnPayload extends Payload {
  @Field(() => ID, { nullable: true, description: "What was deleted." })
  deletedId?: string | null;
}
