import { escaped } from "../../../platform/http/html-page.ts";
import { moneyText, type Goods } from "../goods.ts";
import { isHeld } from "../sales/phone-sales.ts";
import type { Buyer, PhoneItem } from "../state/buyer.ts";
import { badge, button, dayText, page, soft } from "./frame.ts";

/** The store of a user's phone: what it sells, and what the user has from it. @param token proves the forms */
export function phonePage(
  userId: string,
  buyer: Buyer | null,
  goods: readonly Goods[],
  token: string,
): string {
  const base = `/local-store/apps/${userId}`;
  const items = (buyer?.phone ?? []).toReversed().map((item) => itemCard(base, item, goods, token));
  const held = new Set(buyer?.phone.filter(isHeld).map(({ productId }) => productId));
  const offers = goods.map((each) => offerCard(base, each, held.has(each.productId), token));
  return page(
    "Store of a phone",
    `${soft(`Of ${userId}`)}<h2>Bought</h2>${items.join("") || soft("Nothing yet.")}<h2>For sale</h2>${offers.join("") || soft("Nothing.")}`,
  );
}

function offerCard(base: string, goods: Goods, held: boolean, token: string): string {
  const { productId, title, price, currency, lasts } = goods;
  const act =
    held && lasts !== null
      ? badge("bought", "good")
      : button("Buy", `${base}/buy`, { look: "main", fields: { product: productId, token } });
  return `<section class="card row" data-product="${escaped(productId)}"><div><strong>${escaped(title)}</strong>${soft(moneyText(price, currency))}</div>${act}</section>`;
}

function itemCard(base: string, item: PhoneItem, goods: readonly Goods[], token: string): string {
  const { productId, renews, state, expiresAt, originalTransactionId, boughtAt } = item;
  const title = goods.find((each) => each.productId === productId)?.title ?? productId;
  const mood = state === "active" ? "good" : state === "billing issue" ? "bad" : "";
  const until = expiresAt === null ? "" : ` · runs until ${dayText(expiresAt)}`;
  return `<section class="card" data-item="${escaped(productId)}"><div class="row"><strong>${escaped(title)}</strong>${badge(!renews && state === "active" ? "bought" : state, mood)}</div>${soft(`Bought on ${dayText(boughtAt)}${until}`)}${acts(`${base}/items/${originalTransactionId}`, item, token)}</section>`;
}

function acts(path: string, item: PhoneItem, token: string): string {
  const { renews, state } = item;
  const all: readonly (readonly [label: string, act: string, shown: boolean])[] = [
    ["Renew", "renew", renews && isHeld(item)],
    ["Cancel", "cancel", renews && state === "active"],
    ["Resume", "uncancel", state === "canceled"],
    ["Payment fails", "fail", renews && state === "active"],
    ["Expire", "expire", renews && isHeld(item)],
    ["Refund", "refund", state !== "refunded"],
  ];
  const shown = all.filter(([, , isShown]) => isShown);
  if (shown.length === 0) return "";
  return `<div class="acts">${shown.map(([label, act]) => button(label, `${path}/${act}`, { fields: { token } })).join("")}</div>`;
}
