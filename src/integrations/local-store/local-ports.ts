import type { Clock } from "../../platform/clock/clock.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import type { Goods } from "./goods.ts";
import { openCheckout } from "./sales/checkout-sales.ts";
import { cancelAtPeriodEnd, resume } from "./sales/subscription-sales.ts";
import type { Buyer, Checkout, Subscription } from "./state/buyer.ts";
import type { Buyers } from "./state/buyers.ts";
import { customerIn, type Names } from "./state/names.ts";
import { paymentEvent } from "./wire/dodo-events.ts";
import { subscriptionEvent } from "./wire/stripe-events.ts";

/** Reads a webhook of the store that is played: what is asked of the local store is answered in the same words. */
export interface Reader<R> {
  read(payload: unknown): readonly R[];
}

type OfKind<R, K extends string> = Extract<R, { readonly kind: K }>;

interface Parts<R> {
  readonly buyers: Buyers;
  readonly names: Names;
  readonly goods: () => readonly Goods[];
  readonly clock: Clock;
  /** Of the pages. */
  readonly baseUrl: string;
  readonly reader: Reader<R>;
}

/** Sells subscriptions by pages of ours. */
export class LocalSubscriptionStore<R extends { readonly kind: string }> {
  constructor(private readonly parts: Parts<R>) {}

  /** Makes the customer of a user; the same one when it is asked again. */
  async createCustomer(user: {
    readonly id: string;
    readonly email: string | null;
  }): Promise<string> {
    const { buyers, names } = this.parts;
    const customerId = names.customerOf(user.id);
    const { email } = user;
    const known = await buyers.find(customerId);
    if (known?.email !== email) {
      await buyers.change({ customerId, userId: user.id }, (buyer) => ({
        buyer: { ...buyer, email },
        events: [],
      }));
    }
    return customerId;
  }

  /** Opens a page where the subscription is paid. The same key gives the same page. @throws ProviderError */
  async startCheckout(checkout: {
    readonly userId: string;
    readonly customerId: string;
    readonly productId: string;
    readonly successUrl: string;
    readonly cancelUrl: string;
    readonly key: string;
  }): Promise<{ readonly id: string; readonly url: string }> {
    const { names, goods } = this.parts;
    const { customerId, userId, productId, successUrl, cancelUrl, key } = checkout;
    if (customerIn(customerId) !== customerId) throw unknown("customer");
    const id = names.checkout("cs", customerId, key);
    const opened = { id, store: "stripe" as const, userId, productId, reference: null };
    goodsOf(goods, opened.store, productId);
    return open(this.parts, customerId, { ...opened, successUrl, cancelUrl });
  }

  /** Opens the page of a customer. @throws ProviderError */
  async openPortal(portal: {
    readonly customerId: string;
    readonly returnUrl: string;
  }): Promise<{ readonly url: string }> {
    const { buyers, baseUrl } = this.parts;
    const buyer = await buyers.find(portal.customerId);
    if (!buyer) throw unknown("customer");
    await buyers.change(buyer, (known) => ({
      buyer: { ...known, portalReturnUrl: portal.returnUrl },
      events: [],
    }));
    return { url: `${baseUrl}/customers/${portal.customerId}` };
  }

  /** Ends a subscription with its period, or lets it go on after all; answers its new state. @throws ProviderError */
  async setCancelAtPeriodEnd(change: {
    readonly subscriptionId: string;
    readonly cancel: boolean;
    readonly key: string;
  }): Promise<OfKind<R, "SUBSCRIPTION">> {
    const { buyers, goods } = this.parts;
    const { subscriptionId, cancel } = change;
    const known = await buyers.find(customerIn(subscriptionId) ?? "");
    if (!known) throw unknown("subscription");
    const buyer = await buyers.change(known, (latest, at) => {
      const subscription = subscriptionOf(latest, subscriptionId);
      const sold = goodsOf(goods, "stripe", subscription.productId);
      return (cancel ? cancelAtPeriodEnd : resume)(latest, subscription, sold, at);
    });
    const [report] = this.reportsOf(buyer, [subscriptionOf(buyer, subscriptionId)]);
    if (!report) throw unknown("subscription");
    return report;
  }

  /** All that a customer has, as it is now. */
  async subscriptionsOf(customerId: string): Promise<readonly OfKind<R, "SUBSCRIPTION">[]> {
    const buyer = await this.parts.buyers.find(customerId);
    return buyer ? this.reportsOf(buyer, buyer.subscriptions) : [];
  }

  private reportsOf(
    buyer: Buyer,
    subscriptions: readonly Subscription[],
  ): OfKind<R, "SUBSCRIPTION">[] {
    const { reader, goods } = this.parts;
    return subscriptions.flatMap((subscription) => {
      const sold = goodsOf(goods, "stripe", subscription.productId);
      const change = subscription.endedAt === null ? "updated" : "deleted";
      const subject = { buyer, subscription, goods: sold };
      const { payload } = subscriptionEvent(change, subject, buyer.lastEventAt);
      return reader.read(payload).filter((report) => isOf(report, "SUBSCRIPTION"));
    });
  }
}

/** Sells packages of credits by pages of ours. */
export class LocalCreditStore<R extends { readonly kind: string }> {
  constructor(private readonly parts: Parts<R>) {}

  /** Opens a page where a package is paid; the same one for the same reference. @throws ProviderError */
  async startCheckout(checkout: {
    readonly userId: string;
    readonly email: string | null;
    readonly name: string | null;
    readonly productId: string;
    readonly reference: string;
    readonly returnUrl: string;
    readonly cancelUrl: string;
  }): Promise<{ readonly id: string; readonly url: string }> {
    const { names, goods } = this.parts;
    const { userId, productId, reference, returnUrl, cancelUrl, email, name } = checkout;
    const customerId = names.customerOf(userId);
    const id = names.checkout("cks", customerId, reference);
    const opened = { id, store: "dodo" as const, userId, productId, reference };
    goodsOf(goods, opened.store, productId);
    const urls = { successUrl: returnUrl, cancelUrl };
    return open(this.parts, customerId, { ...opened, ...urls }, { email, name });
  }

  /** What became of a checkout: its purchase, or null when nothing was tried yet. */
  async purchaseOf(checkoutId: string): Promise<OfKind<R, "PURCHASE"> | null> {
    const buyer = await this.parts.buyers.find(customerIn(checkoutId) ?? "");
    const tries = buyer?.payments.filter((payment) => payment.checkoutId === checkoutId) ?? [];
    const payment = tries.find(({ status }) => status === "succeeded") ?? tries.at(-1);
    if (!buyer || !payment) return null;
    const { payload } = paymentEvent(buyer, payment, payment.at);
    const reports = this.parts.reader.read(payload);
    return reports.find((report) => isOf(report, "PURCHASE")) ?? null;
  }
}

/** Tells what was bought in the store of a phone that is played here. */
export class LocalAppStore<R extends { readonly kind: string }> {
  constructor(private readonly parts: Parts<R>) {}

  /** All that a user has bought, as it is now. */
  async reportsOf(userId: string): Promise<readonly R[]> {
    const { buyers, names, reader } = this.parts;
    const buyer = await buyers.find(names.customerOf(userId));
    return buyer ? buyer.phone.flatMap(({ lastEvent }) => reader.read(lastEvent)) : [];
  }
}

async function open(
  { buyers, clock, baseUrl }: Pick<Parts<unknown>, "buyers" | "clock" | "baseUrl">,
  customerId: string,
  checkout: Omit<Checkout, "openedAt">,
  who: { email: string | null; name: string | null } = { email: null, name: null },
): Promise<{ id: string; url: string }> {
  const opened = { ...checkout, openedAt: clock.now().getTime() };
  await buyers.change({ customerId, userId: checkout.userId }, (buyer) =>
    openCheckout(buyer, opened, who),
  );
  return { id: checkout.id, url: `${baseUrl}/checkouts/${checkout.id}` };
}

const isOf = <R extends { readonly kind: string }, K extends string>(
  report: R,
  kind: K,
): report is OfKind<R, K> => report.kind === kind;

function subscriptionOf(buyer: Buyer, id: string): Subscription {
  const found = buyer.subscriptions.find((each) => each.id === id);
  if (!found) throw unknown("subscription");
  return found;
}

function goodsOf(goods: () => readonly Goods[], store: Goods["store"], productId: string): Goods {
  const found = goods().find((each) => each.store === store && each.productId === productId);
  if (!found) throw unknown("product");
  return found;
}

const unknown = (what: string): ProviderError =>
  new ProviderError({
    provider: "local-store",
    outcome: "misconfigured",
    code: PROVIDER_CODES.misconfigured,
    message: `The local store knows no such ${what}.`,
  });
