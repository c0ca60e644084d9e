import { equalInConstantTime } from "../../../platform/crypto/tokens.ts";
import type { Courier } from "../deliveries/courier.ts";
import type { DeliveryFiles } from "../deliveries/delivery-files.ts";
import { decimalsOf, type Goods } from "../goods.ts";
import {
  afterPaying,
  cancelCheckout,
  failCheckout,
  payCheckout,
  refund,
} from "../sales/checkout-sales.ts";
import {
  buy,
  cancelOnPhone,
  expireOnPhone,
  failOnPhone,
  refundOnPhone,
  renewOnPhone,
  uncancelOnPhone,
  type PhoneAct,
} from "../sales/phone-sales.ts";
import {
  cancelAtPeriodEnd,
  endNow,
  failRenewal,
  renew,
  resume,
  type SubscriptionAct,
} from "../sales/subscription-sales.ts";
import { leftOf, paymentOf, type Buyer, type Checkout } from "../state/buyer.ts";
import type { Buyers } from "../state/buyers.ts";
import { customerIn, type Names } from "../state/names.ts";
import type { Overview } from "./overview.page.ts";

const CHECKOUT_ACTS = { pay: payCheckout, fail: failCheckout, cancel: cancelCheckout };
const SUBSCRIPTION_ACTS: Readonly<Record<string, SubscriptionAct>> = {
  renew,
  "fail-renewal": failRenewal,
  cancel: cancelAtPeriodEnd,
  resume,
  end: endNow,
};
const PHONE_ACTS: Readonly<Record<string, PhoneAct>> = {
  renew: renewOnPhone,
  cancel: cancelOnPhone,
  uncancel: uncancelOnPhone,
  fail: failOnPhone,
  expire: expireOnPhone,
  refund: refundOnPhone,
};

/** Does what the buttons of the pages say. What does not exist is null; what is not possible any more changes nothing. */
export class StoreDesk {
  constructor(
    private readonly parts: {
      readonly buyers: Buyers;
      readonly names: Names;
      readonly files: DeliveryFiles;
      readonly courier: Courier;
      readonly goods: () => readonly Goods[];
    },
  ) {}

  /** What stands on the first page. */
  async overview(): Promise<Overview> {
    const { buyers, files } = this.parts;
    const [all, waiting, held] = await Promise.all([buyers.all(), files.names(), files.isHeld()]);
    return {
      buyers: all,
      find: this.find,
      phones: this.phoneGoods().length > 0,
      waiting: waiting.length,
      held,
      token: this.token("/local-store"),
    };
  }

  /** A product by its id. */
  readonly find = (productId: string): Goods | null =>
    this.parts.goods().find((each) => each.productId === productId) ?? null;

  /** What is sold on phones. */
  phoneGoods(): Goods[] {
    return this.parts.goods().filter(({ store }) => store === "revenuecat");
  }

  /** A checkout and who pays it. */
  async checkout(id: string): Promise<{ buyer: Buyer; checkout: Checkout } | null> {
    const buyer = await this.parts.buyers.find(customerIn(id) ?? "");
    const checkout = buyer?.checkouts.find((each) => each.id === id);
    return buyer && checkout ? { buyer, checkout } : null;
  }

  /** Pays, fails or gives a checkout up. @returns where the buyer goes next */
  async decideCheckout(id: string, act: string): Promise<string | null> {
    const found = await this.checkout(id);
    const goods = found && this.find(found.checkout.productId);
    if (!goods || !isCheckoutAct(act)) return null;
    const { checkout } = found;
    const buyer = await this.parts.buyers.change(found.buyer, (latest, at) =>
      CHECKOUT_ACTS[act](latest, checkout, goods, at),
    );
    const payment = paymentOf(buyer, id);
    if (payment) return afterPaying(checkout, payment);
    return act === "cancel" ? checkout.cancelUrl : `/local-store/checkouts/${id}`;
  }

  /** Somebody who is known by name of the store. */
  customer(customerId: string): Promise<Buyer | null> {
    return this.parts.buyers.find(customerId);
  }

  /** Lets something happen to a subscription. @returns whether there is such an act and such a subscription */
  async decideSubscription(customerId: string, id: string, act: string): Promise<boolean> {
    const decide = Object.hasOwn(SUBSCRIPTION_ACTS, act) ? SUBSCRIPTION_ACTS[act] : undefined;
    const known = await this.customer(customerId);
    const goods = this.find(known?.subscriptions.find((each) => each.id === id)?.productId ?? "");
    if (!known || !decide || !goods) return false;
    await this.parts.buyers.change(known, (buyer, at) => {
      const subscription = buyer.subscriptions.find((each) => each.id === id);
      return subscription ? decide(buyer, subscription, goods, at) : null;
    });
    return true;
  }

  /** Gives money back. @param amount decimal text @returns null when there is no such payment, else what is wrong with the amount */
  async refund(
    customerId: string,
    paymentId: string,
    amount: string,
  ): Promise<{ fault: string | null } | null> {
    const known = await this.customer(customerId);
    const payment = known?.payments.find(({ id }) => id === paymentId);
    if (!known || !payment) return null;
    const units = smallestUnits(amount, payment.currency);
    if (units === null || units < 1) return { fault: "This is no amount of money." };
    if (units > leftOf(payment)) return { fault: "This is more than is left of the payment." };
    await this.parts.buyers.change(known, (buyer, at) => refund(buyer, paymentId, units, at));
    return { fault: null };
  }

  /** What a user has bought on a phone; null when nothing. */
  phoneOf(userId: string): Promise<Buyer | null> {
    return this.parts.buyers.find(this.parts.names.customerOf(userId));
  }

  /** Buys on a user's phone. @returns whether there is such a product */
  async buyOnPhone(userId: string, productId: string): Promise<boolean> {
    const goods = this.phoneGoods().find((each) => each.productId === productId);
    if (!goods) return false;
    const customerId = this.parts.names.customerOf(userId);
    await this.parts.buyers.change({ customerId, userId }, (buyer, at) => buy(buyer, goods, at));
    return true;
  }

  /** Lets something happen to what was bought on a phone. @returns whether there is such an act and such a thing */
  async decideOnPhone(userId: string, itemId: string, act: string): Promise<boolean> {
    const decide = Object.hasOwn(PHONE_ACTS, act) ? PHONE_ACTS[act] : undefined;
    const known = await this.phoneOf(userId);
    const itemOf = (buyer: Buyer | null) =>
      buyer?.phone.find((each) => each.originalTransactionId === itemId);
    const goods = this.find(itemOf(known)?.productId ?? "");
    if (!known || !decide || !goods) return false;
    await this.parts.buyers.change(known, (buyer, at) => {
      const item = itemOf(buyer);
      return item ? decide(buyer, item, goods, at) : null;
    });
    return true;
  }

  /** Holds webhooks back or lets them go. */
  async hold(held: boolean): Promise<void> {
    await this.parts.files.hold(held);
    this.parts.courier.poke();
  }

  /** What the forms of a page have to carry whose address can be guessed. */
  token(path: string): string {
    return this.parts.names.formToken(path);
  }

  /** Whether a form is of that page. */
  isToken(path: string, token: string | null): boolean {
    return equalInConstantTime(token ?? "", this.token(path));
  }
}

const isCheckoutAct = (act: string): act is keyof typeof CHECKOUT_ACTS =>
  Object.hasOwn(CHECKOUT_ACTS, act);

function smallestUnits(text: string, currency: string): number | null {
  const decimals = decimalsOf(currency);
  const [, whole = "", part = ""] = /^(\d{1,9})(?:\.(\d{1,4}))?$/.exec(text.trim()) ?? [];
  if (whole === "" || part.length > decimals) return null;
  return Number(whole + part.padEnd(decimals, "0"));
}
