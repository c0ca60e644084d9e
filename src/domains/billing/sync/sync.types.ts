import { Field, InputType, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Viewer, type User } from "../../identity/index.ts";

@InputType({ description: "Nothing has to be given." })
export class SyncPurchasesInput {
  @Field(() => String, { nullable: true, description: "Any text; it is not looked at." })
  clientMutationId?: string | null;
}

@ObjectType({ description: "What the user has, now that the stores were asked." })
export class SyncPurchasesPayload extends Payload {
  @Field(() => Viewer, {
    nullable: true,
    description: "The user: entitlements, subscriptions and wallets are those of now.",
  })
  viewer?: User | null;
}
