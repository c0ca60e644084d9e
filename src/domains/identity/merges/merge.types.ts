import { Field, InputType, Int, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";
import type { MergedThings as Things } from "./merge.repository.ts";

@InputType({ description: "The guest that becomes part of the viewer's account." })
export class MergeGuestInput {
  @Field(() => String, { description: "The id of the guest's device, as at `loginWithDevice`." })
  deviceId!: string;

  @Field(() => String, { description: "The secret of the guest's device." })
  deviceSecret!: string;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same report; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "How many things of a kind came from the guest." })
export class MergedThings implements Things {
  @Field(() => String, { description: "What: points, credits, jobs, uploads, addresses …" })
  name!: string;

  @Field(() => Int, { description: "How many; of a balance, how much." })
  count!: number;
}

@ObjectType({ description: "The answer of `mergeGuest`." })
export class MergeGuestPayload extends Payload {
  @Field(() => [MergedThings], {
    description: "What came from the guest; empty when refused, or when there was nothing.",
  })
  merged: Things[] = [];

  @Field(() => Viewer, { nullable: true, description: "The viewer as it is now." })
  viewer?: User | null;
}
