import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { FeedEntry } from "../../../platform/events/feed.ts";
import { registerFeedTopic } from "../../../platform/events/feed.types.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { Viewer, type User } from "../../identity/index.ts";
import { PlanNames, type PlanName } from "../plans/plan.vocabulary.ts";
import type { SalesService } from "./sales.service.ts";
import { ENTITLEMENTS_TOPIC } from "./subscription.events.ts";
import type { Subscription } from "./subscription.repository.ts";
import type { SubscriptionView } from "./subscription-view.service.ts";
import {
  CancelSubscriptionInput,
  CancelSubscriptionPayload,
  EntitlementsEvent,
  OpenBillingPortalInput,
  OpenBillingPortalPayload,
  PlanSubscription,
  ResumeSubscriptionInput,
  ResumeSubscriptionPayload,
  StartProCheckoutInput,
  StartProCheckoutPayload,
  UserEntitlements,
} from "./subscription.types.ts";
import { SalesChannels, type SalesChannel } from "./subscription.vocabulary.ts";

registerFeedTopic(ENTITLEMENTS_TOPIC, EntitlementsEvent.name);

@Resolver(() => PlanSubscription)
export class PlanSubscriptionResolver {
  constructor(private readonly view: SubscriptionView) {}

  @FieldResolver(() => PlanNames, {
    nullable: true,
    description: "Which plan; null when it is not on sale any more, or not known yet.",
  })
  plan(@Root() subscription: Subscription): PlanName | null {
    return this.view.planOf(subscription);
  }

  @FieldResolver(() => Boolean, { description: "Whether it gives its plan at this moment." })
  entitled(@Root() subscription: Subscription): boolean {
    return this.view.isEntitled(subscription);
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: "Until when it gives its plan although a payment failed; null when none did.",
  })
  graceUntil(@Root() subscription: Subscription): Date | null {
    return this.view.graceEndOf(subscription);
  }

  @FieldResolver(() => SalesChannels, { description: "Where it was bought and can be changed." })
  channel(@Root() { store }: Subscription): SalesChannel {
    return store === "REVENUECAT" ? "PHONE" : "WEB";
  }

  @FieldResolver(() => Boolean, { description: "Whether it was bought for a test." })
  isTest(@Root() { sandbox }: Subscription): boolean {
    return sandbox;
  }
}

@Resolver(() => EntitlementsEvent)
export class EntitlementsEventResolver {
  @FieldResolver(() => PlanSubscription, { nullable: true })
  async subscription(
    @Root() entry: FeedEntry,
    @Ctx() context: Context,
  ): Promise<Subscription | null> {
    const found = await context.loaders.subscription.load(entry.refId);
    return found?.userId === signedIn(context).userId ? found : null;
  }

  @FieldResolver(() => Viewer, { nullable: true })
  viewer(@Ctx() context: Context): Promise<User | null> {
    return context.loaders.user.load(signedIn(context).userId);
  }
}

/** The plans of the signed-in user. */
@Resolver(() => Viewer)
export class ViewerSubscriptionsResolver {
  constructor(private readonly view: SubscriptionView) {}

  @FieldResolver(() => UserEntitlements, { description: "What the user may do at this moment." })
  async entitlements(
    @Root() { id }: Viewer,
    @Ctx() { loaders }: Context,
  ): Promise<UserEntitlements> {
    return this.view.entitlementsBy(await loaders.userPlans.load(id));
  }

  @FieldResolver(() => [PlanSubscription], {
    description: "What the user has subscribed to, the newest first; at most twenty.",
  })
  subscriptions(@Root() { id }: Viewer): Promise<Subscription[]> {
    return this.view.newestOf(id);
  }
}

/** Buying and ending subscriptions. */
@Resolver()
export class SubscriptionSalesResolver {
  constructor(private readonly sales: SalesService) {}

  @Authorized()
  @Mutation(() => StartProCheckoutPayload, {
    description: "Opens a page of the store where a subscription is paid.",
  })
  startProCheckout(
    @Arg("input", () => StartProCheckoutInput, { description: "What to subscribe to." })
    input: StartProCheckoutInput,
    @Ctx() context: Context,
  ): Promise<StartProCheckoutPayload> {
    const { userId } = signedIn(context);
    const { plan, successUrl, cancelUrl, idempotencyKey = null } = input;
    return payload(StartProCheckoutPayload, async () => {
      const order = { userId, plan, successUrl, cancelUrl, idempotencyKey };
      return { checkoutUrl: (await this.sales.startCheckout(order)).url };
    });
  }

  @Authorized()
  @Mutation(() => OpenBillingPortalPayload, {
    description: "Opens a page of the store where cards and subscriptions are changed.",
  })
  openBillingPortal(
    @Arg("input", () => OpenBillingPortalInput, { description: "Where to lead back to." })
    input: OpenBillingPortalInput,
    @Ctx() context: Context,
  ): Promise<OpenBillingPortalPayload> {
    const { userId } = signedIn(context);
    return payload(OpenBillingPortalPayload, async () => ({
      portalUrl: (await this.sales.openPortal(userId, input.returnUrl)).url,
    }));
  }

  @Authorized()
  @Mutation(() => CancelSubscriptionPayload, {
    description: "Ends a subscription with its period. Doing it again changes nothing.",
  })
  cancelSubscription(
    @Arg("input", () => CancelSubscriptionInput, { description: "Which one." })
    { id }: CancelSubscriptionInput,
    @Ctx() context: Context,
  ): Promise<CancelSubscriptionPayload> {
    const { userId } = signedIn(context);
    return payload(CancelSubscriptionPayload, async () => ({
      subscription: await this.sales.setCancel(userId, id, true),
    }));
  }

  @Authorized()
  @Mutation(() => ResumeSubscriptionPayload, {
    description: "Lets a subscription go on that was to end. Doing it again changes nothing.",
  })
  resumeSubscription(
    @Arg("input", () => ResumeSubscriptionInput, { description: "Which one." })
    { id }: ResumeSubscriptionInput,
    @Ctx() context: Context,
  ): Promise<ResumeSubscriptionPayload> {
    const { userId } = signedIn(context);
    return payload(ResumeSubscriptionPayload, async () => ({
      subscription: await this.sales.setCancel(userId, id, false),
    }));
  }
}
