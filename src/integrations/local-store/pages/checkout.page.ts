import { escaped } from "../../../platform/http/html-page.ts";
import { moneyText, type Goods } from "../goods.ts";
import { afterPaying } from "../sales/checkout-sales.ts";
import { paymentOf, type Buyer, type Checkout } from "../state/buyer.ts";
import { button, notice, page, soft } from "./frame.ts";

const EVERY = { WEEK: " every week", MONTH: " every month", YEAR: " every year" } as const;

/** What is bought, and the ways out. @param goods null when it is not sold any more */
export function checkoutPage(buyer: Buyer, checkout: Checkout, goods: Goods | null): string {
  if (!goods) return page("Not sold any more", soft("What this page sold is gone."), true);
  const payment = paymentOf(buyer, checkout.id);
  const price = moneyText(payment?.amount ?? goods.price, goods.currency);
  const every = goods.lasts === null || goods.lasts === "FOREVER" ? "" : EVERY[goods.lasts];
  const body = `<div class="card"><p class="soft">${escaped(goods.title)}</p><p class="price">${escaped(price)}</p>${every === "" ? "" : soft(`Renews${every} until it is canceled.`)}${soft(`For ${buyer.email ?? checkout.userId}`)}${payment ? paid(afterPaying(checkout, payment)) : ways(checkout)}</div>`;
  const title = payment ? "Paid" : checkout.store === "stripe" ? "Subscribe" : "Buy";
  return page(title, notice(payment ? null : lastFault(buyer, checkout)) + body, true);
}

const ways = ({ id }: Checkout): string => {
  const path = `/local-store/checkouts/${id}`;
  const buttons = [
    button("Pay", `${path}/pay`, { look: "main" }),
    button("Fail", `${path}/fail`, { look: "bad" }),
    button("Cancel", `${path}/cancel`),
  ];
  return `<div class="acts tall">${buttons.join("")}</div>`;
};

const paid = (url: string): string =>
  `<p><a href="${escaped(url)}">Back to where you came from</a></p>`;

function lastFault(buyer: Buyer, { id }: Checkout): string | null {
  const last = buyer.payments.findLast(({ checkoutId }) => checkoutId === id);
  return last?.status === "failed" ? "The payment failed. You can try again." : null;
}
