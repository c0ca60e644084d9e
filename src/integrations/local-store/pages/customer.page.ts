import { escaped } from "../../../platform/http/html-page.ts";
import { decimalsOf, moneyText, type Goods } from "../goods.ts";
import { leftOf, type Buyer, type Payment, type Subscription } from "../state/buyer.ts";
import { badge, button, dayText, notice, page, soft } from "./frame.ts";

type Find = (productId: string) => Goods | null;

/** What a customer has bought on the web, and what may happen to it. @param fault why the last try was refused */
export function customerPage(buyer: Buyer, find: Find, fault: string | null): string {
  const base = `/local-store/customers/${buyer.customerId}`;
  const subscriptions = buyer.subscriptions
    .toReversed()
    .map((each) => subscriptionCard(base, each, find));
  const payments = buyer.payments.toReversed().map((each) => paymentCard(base, each, find));
  const back =
    buyer.portalReturnUrl === null
      ? ""
      : `<p><a href="${escaped(buyer.portalReturnUrl)}">Back to where you came from</a></p>`;
  return page(
    "Subscriptions and payments",
    `${notice(fault)}${soft(`Of ${buyer.email ?? buyer.userId}`)}${back}<h2>Subscriptions</h2>${cards(subscriptions, "There are none.")}<h2>Payments</h2>${cards(payments, "There are none.")}`,
  );
}

const cards = (all: readonly string[], none: string): string =>
  all.length === 0 ? soft(none) : all.join("");

function subscriptionCard(base: string, subscription: Subscription, find: Find): string {
  const { id, productId, periodEnd, endedAt, cancelAtPeriodEnd } = subscription;
  const until = `${endedAt === null ? (cancelAtPeriodEnd ? "Ends on" : "Renews on") : "Ended on"} ${dayText(endedAt ?? periodEnd)}`;
  const goods = find(productId);
  const title = goods?.title ?? productId;
  const price = goods ? moneyText(goods.price, goods.currency) : "";
  return `<section class="card" data-subscription="${escaped(id)}"><div class="row"><strong>${escaped(title)}</strong>${stateOf(subscription)}</div>${soft([price, until].filter(Boolean).join(" · "))}${endedAt === null ? subscriptionActs(base, subscription) : ""}</section>`;
}

function stateOf({ status, cancelAtPeriodEnd }: Subscription): string {
  if (status === "canceled") return badge("ended");
  if (status === "past_due") return badge("not paid", "bad");
  return cancelAtPeriodEnd ? badge("ends with its period") : badge("active", "good");
}

function subscriptionActs(base: string, { id, cancelAtPeriodEnd }: Subscription): string {
  const path = `${base}/subscriptions/${id}`;
  const buttons = [
    button("Renew now", `${path}/renew`),
    button("Renewal fails", `${path}/fail-renewal`),
    cancelAtPeriodEnd
      ? button("Resume", `${path}/resume`)
      : button("Cancel at period end", `${path}/cancel`),
    button("End now", `${path}/end`, { look: "bad" }),
  ];
  return `<div class="acts">${buttons.join("")}</div>`;
}

function paymentCard(base: string, payment: Payment, find: Find): string {
  const { id, productId, amount, currency, status, at } = payment;
  const left = leftOf(payment);
  const mood = status === "succeeded" ? "good" : status === "failed" ? "bad" : "";
  const given = amount - left;
  const state =
    given === 0 ? badge(status, mood) : badge(`${moneyText(given, currency)} given back`);
  const refunds = status === "succeeded" && left > 0 ? refundActs(base, payment, left) : "";
  return `<section class="card" data-payment="${escaped(id)}"><div class="row"><strong>${escaped(find(productId)?.title ?? productId)}</strong>${state}</div>${soft(`${moneyText(amount, currency)} · ${dayText(at)}`)}${refunds}</section>`;
}

function refundActs(base: string, { id, currency }: Payment, left: number): string {
  const path = `${base}/payments/${id}/refund`;
  const decimals = decimalsOf(currency);
  const [least, most] = [1, left].map((each) => (each / 10 ** decimals).toFixed(decimals));
  const part = `<form method="post" action="${escaped(path)}"><input type="number" name="amount" min="${least}" max="${most}" step="${least}" required inputmode="decimal" aria-label="Amount in ${escaped(currency)}" placeholder="${most}"><button>Refund a part</button></form>`;
  return `<div class="acts">${button("Refund", path, { fields: { amount: most ?? "" } })}${part}</div>`;
}
