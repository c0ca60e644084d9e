import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ViewerEvent } from "../../../platform/events/feed.types.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { Viewer } from "../../identity/index.ts";
import type { SubscriptionStatus } from "../billing.ports.ts";
import {
  Entitlements,
  PlanNames,
  type Entitlement,
  type PlanName,
} from "../plans/plan.vocabulary.ts";
import { SubscriptionStatuses } from "./subscription.vocabulary.ts";

@ObjectType({ implements: Node, description: "A subscription to a plan." })
export class PlanSubscription extends Node {
  @Field(() => SubscriptionStatuses, { description: "How it stands." })
  status!: SubscriptionStatus;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "End of what is paid for; null when it never ends.",
  })
  periodEnd!: Date | null;

  @Field(() => Boolean, { description: "Whether it ends with its period instead of going on." })
  cancelAtPeriodEnd!: boolean;

  @Field(() => Int, { description: "Rises with each change; the larger one is the newer one." })
  version!: number;
}

@ObjectType({ description: "What the user's plans give at this moment." })
export class UserEntitlements {
  @Field(() => [PlanNames], { description: "All plans that the user has, the free one first." })
  plans!: readonly PlanName[];

  @Field(() => [Entitlements], { description: "What they give besides their limits." })
  entitlements!: readonly Entitlement[];
}

@ObjectType({ implements: ViewerEvent, description: "A subscription or the user's plans changed." })
export class EntitlementsEvent extends ViewerEvent {
  @Field(() => PlanSubscription, {
    nullable: true,
    description: "The subscription as it is now; null when the user has it no more.",
  })
  subscription!: PlanSubscription | null;

  @Field(() => Viewer, {
    nullable: true,
    description: "The user, so that plans and limits can be asked for again with the event.",
  })
  viewer!: Viewer | null;
}

@InputType({ description: "What to subscribe to." })
export class StartProCheckoutInput {
  @Field(() => PlanNames, { description: "Which plan." })
  plan!: PlanName;

  @Field(() => String, {
    description:
      "Where the store leads back to after the payment: a page of ours, or a link into the app.",
  })
  successUrl!: string;

  @Field(() => String, { description: "Where it leads back to when the user turns back." })
  cancelUrl!: string;

  @Field(() => String, {
    nullable: true,
    description: "Repeat the call with the same key to get the same page.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Where to pay." })
export class StartProCheckoutPayload extends Payload {
  @Field(() => String, {
    nullable: true,
    description: "Page of the store, to be opened in a browser; null when it was refused.",
  })
  checkoutUrl!: string | null;
}

@InputType({ description: "Where to lead back to." })
export class OpenBillingPortalInput {
  @Field(() => String, { description: "A page of ours, or a link into the app." })
  returnUrl!: string;
}

@ObjectType({ description: "Where cards and subscriptions are changed." })
export class OpenBillingPortalPayload extends Payload {
  @Field(() => String, {
    nullable: true,
    description: "Page of the store, to be opened in a browser soon; null when it was refused.",
  })
  portalUrl!: string | null;
}

@InputType({ description: "Which subscription is to end with its period." })
export class CancelSubscriptionInput {
  @Field(() => ID, { description: "The subscription's id." })
  id!: string;
}

@ObjectType({ description: "The subscription as it is now." })
export class CancelSubscriptionPayload extends Payload {
  @Field(() => PlanSubscription, { nullable: true, description: "Null when it was refused." })
  subscription!: PlanSubscription | null;
}

@InputType({ description: "Which subscription is to go on after all." })
export class ResumeSubscriptionInput {
  @Field(() => ID, { description: "The subscription's id." })
  id!: string;
}

@ObjectType({ description: "The subscription as it is now." })
export class ResumeSubscriptionPayload extends Payload {
  @Field(() => PlanSubscription, { nullable: true, description: "Null when it was refused." })
  subscription!: PlanSubscription | null;
}
