import { escaped } from "../../../platform/http/html-page.ts";
import { moneyText, type Goods } from "../goods.ts";
import { paymentOf, type Buyer } from "../state/buyer.ts";
import { button, page, soft } from "./frame.ts";

/** All that goes on in the store. */
export interface Overview {
  readonly buyers: readonly Buyer[];
  readonly find: (productId: string) => Goods | null;
  /** Whether purchases on phones can be played. */
  readonly phones: boolean;
  readonly waiting: number;
  readonly held: boolean;
  /** Proves the forms. */
  readonly token: string;
}

/** Where one begins. */
export const overviewPage = (overview: Overview): string =>
  page(
    "Overview",
    `<h2>Open checkouts</h2>${openCheckouts(overview)}<h2>Customers</h2>${customers(overview)}${overview.phones ? phones(overview) : ""}<h2>Webhooks</h2>${webhooks(overview)}`,
  );

function openCheckouts({ buyers, find }: Overview): string {
  const open = buyers
    .flatMap((buyer) => buyer.checkouts.map((checkout) => ({ buyer, checkout })))
    .filter(({ buyer, checkout }) => !paymentOf(buyer, checkout.id))
    .sort((a, b) => b.checkout.openedAt - a.checkout.openedAt);
  const cards = open.map(({ buyer, checkout: { id, productId, userId } }) => {
    const goods = find(productId);
    const price = goods ? ` · ${moneyText(goods.price, goods.currency)}` : "";
    return linkCard(
      `checkouts/${id}`,
      goods?.title ?? productId,
      `${buyer.email ?? userId}${price}`,
    );
  });
  return cards.join("") || soft("None. An app opens one when its user wants to buy.");
}

function customers({ buyers }: Overview): string {
  const known = buyers.filter(({ checkouts }) => checkouts.length > 0);
  const cards = known.map(({ customerId, userId, email, subscriptions, payments }) =>
    linkCard(
      `customers/${customerId}`,
      email ?? userId,
      `Subscriptions: ${subscriptions.length} · Payments: ${payments.length}`,
    ),
  );
  return cards.join("") || soft("None yet.");
}

function phones({ buyers }: Overview): string {
  const cards = buyers.map(({ userId, email, phone }) =>
    linkCard(`apps/${userId}`, email ?? userId, `Bought: ${phone.length}`),
  );
  return `<h2>Phones</h2>${cards.join("")}<div class="card"><form action="/local-store/apps"><input class="wide" name="user" placeholder="usr_…" required aria-label="Id of a user"><button>Open the store of this user's phone</button></form></div>`;
}

function webhooks({ waiting, held, token }: Overview): string {
  const state = held ? "They are held back." : "They are sent as soon as they arise.";
  const act = held
    ? button("Let them go", "/local-store/webhooks", { fields: { held: "false", token } })
    : button("Hold them back", "/local-store/webhooks", { fields: { held: "true", token } });
  return `<div class="card">${soft(`${waiting} on the way. ${state}`)}<div class="acts">${act}</div></div>`;
}

const linkCard = (path: string, title: string, text: string): string =>
  `<div class="card"><a href="/local-store/${escaped(path)}"><strong>${escaped(title)}</strong></a>${soft(text)}</div>`;
