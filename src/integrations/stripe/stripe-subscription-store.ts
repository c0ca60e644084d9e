import { z } from "zod";
import { badAnswer } from "../../platform/resilience/classify.ts";
import { STRIPE, StripeClient, type StripeClientOptions } from "./stripe-client.ts";
import { subscriptionReport, type StripeSubscription } from "./stripe-reports.ts";
import { subscription } from "./stripe-wire.ts";

const MAX_SUBSCRIPTIONS = 100;

const named = z.object({ id: z.string() });
const page = z.object({ id: z.string(), url: z.url() });
const portalPage = z.object({ url: z.url() });
const subscriptions = z.object({ data: z.array(subscription) });

/** Sells subscriptions by Stripe Checkout, and shows its customer portal. All methods throw ProviderError. */
export class StripeSubscriptionStore {
  private readonly client: StripeClient;
  private readonly sandbox: boolean;

  constructor(options: StripeClientOptions) {
    this.client = new StripeClient(options);
    this.sandbox = !/^[rs]k_live_/.test(options.secretKey);
  }

  /** Makes the customer of a user; the same one when it is asked again within a day. */
  createCustomer(user: { readonly id: string; readonly email: string | null }): Promise<string> {
    return this.client.run("create_customer", async (stripe) => {
      const answer = await stripe.customers.create(
        { ...(user.email !== null && { email: user.email }), metadata: { user_id: user.id } },
        { idempotencyKey: `customer:${user.id}` },
      );
      return parsed(named, answer).id;
    });
  }

  /** Opens a page where the subscription is paid. The same key gives the same page. */
  startCheckout(checkout: {
    readonly userId: string;
    readonly customerId: string;
    readonly productId: string;
    readonly successUrl: string;
    readonly cancelUrl: string;
    readonly key: string;
  }): Promise<{ readonly id: string; readonly url: string }> {
    const { userId, customerId, productId, successUrl, cancelUrl, key } = checkout;
    return this.client.run("start_checkout", async (stripe) => {
      const answer = await stripe.checkout.sessions.create(
        {
          mode: "subscription",
          line_items: [{ price: productId, quantity: 1 }],
          customer: customerId,
          client_reference_id: userId,
          success_url: successUrl,
          cancel_url: cancelUrl,
          metadata: { user_id: userId },
          subscription_data: { metadata: { user_id: userId } },
        },
        { idempotencyKey: key },
      );
      return parsed(page, answer);
    });
  }

  /** Opens a page where cards and subscriptions are changed. */
  openPortal(portal: {
    readonly customerId: string;
    readonly returnUrl: string;
  }): Promise<{ readonly url: string }> {
    return this.client.run("open_portal", async (stripe) => {
      const answer = await stripe.billingPortal.sessions.create({
        customer: portal.customerId,
        return_url: portal.returnUrl,
      });
      return parsed(portalPage, answer);
    });
  }

  /** Ends a subscription with its period, or lets it go on after all; answers its new state. */
  setCancelAtPeriodEnd(change: {
    readonly subscriptionId: string;
    readonly cancel: boolean;
    readonly key: string;
  }): Promise<StripeSubscription> {
    const { subscriptionId, cancel, key } = change;
    return this.client.run("set_cancel", async (stripe) => {
      // An end that was set as a date is not undone by the flag.
      const isDated =
        !cancel &&
        !parsed(subscription, await stripe.subscriptions.retrieve(subscriptionId))
          .cancel_at_period_end;
      const answer = await stripe.subscriptions.update(
        subscriptionId,
        isDated ? { cancel_at: "" } : { cancel_at_period_end: cancel },
        { idempotencyKey: key },
      );
      return this.report(parsed(subscription, answer), answer.lastResponse);
    });
  }

  /** All that a customer has, as it is now, with what has ended; at most one hundred. */
  subscriptionsOf(customerId: string): Promise<readonly StripeSubscription[]> {
    return this.client.run("list_subscriptions", async (stripe) => {
      const answer = await stripe.subscriptions.list({
        customer: customerId,
        status: "all",
        limit: MAX_SUBSCRIPTIONS,
      });
      const { data } = parsed(subscriptions, answer);
      return data.map((each) => this.report(each, answer.lastResponse));
    });
  }

  private report(
    wire: z.infer<typeof subscription>,
    { headers }: { readonly headers: Readonly<Record<string, string>> },
  ): StripeSubscription {
    // Events are dated by the store's clock: so is what is read.
    const date = Date.parse(headers["date"] ?? "");
    const occurredAt = new Date(Number.isNaN(date) ? Date.now() : date);
    const sandbox = wire.livemode == null ? this.sandbox : !wire.livemode;
    return subscriptionReport(wire, { occurredAt, sandbox }, 0);
  }
}

function parsed<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (!result.success) throw badAnswer(STRIPE, true);
  return result.data;
}
