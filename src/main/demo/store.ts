import { randomUUID } from "node:crypto";
import { filter, firstValueFrom, timeout } from "rxjs";
import {
  AppConfigDocument,
  StartCreditsCheckoutDocument,
  ViewerDocument,
  WatchWalletsDocument,
} from "../../client/generated/graphql.ts";
import { DemoFailed } from "./demo-failed.ts";
import { done, type DemoUser } from "./demo-user.ts";

const ARRIVAL_LIMIT_MS = 20_000;

/** Buys points in the store of a phone, as far as the user has too few. The store is the one that development brings. */
export async function buyPoints(user: DemoUser, needed: number): Promise<void> {
  if ((await available(user, "POINTS")) >= needed) return;
  const { data } = await user.client.apollo.query({ query: ViewerDocument });
  const phone = `${user.url}/local-store/apps/${data?.viewer?.id ?? ""}`;
  const page = await (await send(phone)).text();
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1];
  const product = /data-product="(points[^"]*)"/i.exec(page)?.[1];
  if (token === undefined || product === undefined) throw noStore();
  user.terminal.line(`Buying ${product} at ${phone} …`);
  await send(`${phone}/buy`, { token, product });
  await arrival(user, "POINTS", needed);
}

/** Buys a package of credits by a checkout, as far as the user has too few. */
export async function buyCredits(user: DemoUser, needed: number): Promise<void> {
  if ((await available(user, "CREDITS")) >= needed) return;
  const { data: shop } = await user.client.apollo.query({ query: AppConfigDocument });
  const sold = shop?.appConfig.creditPackages.find(({ credits }) => credits >= needed);
  if (!sold) throw noStore();
  const leadBack = `${user.url}/readyz`;
  const { data } = await user.client.apollo.mutate({
    mutation: StartCreditsCheckoutDocument,
    variables: {
      input: {
        package: sold.name,
        returnUrl: leadBack,
        cancelUrl: leadBack,
        idempotencyKey: randomUUID(),
      },
    },
  });
  const url = done(data?.startCreditsCheckout, (payload) => payload.url);
  if (!url.startsWith(`${user.url}/local-store/`)) throw noStore();
  user.terminal.line(`Buying ${sold.credits} credits at ${url} …`);
  await send(`${url}/pay`, {});
  await arrival(user, "CREDITS", needed);
}

type Currency = "POINTS" | "CREDITS";

const wallets = ({ client }: DemoUser) => client.apollo.subscribe({ query: WatchWalletsDocument });

async function available(user: DemoUser, currency: Currency): Promise<number> {
  const { data } = await firstValueFrom(wallets(user));
  return amountOf(data?.walletChanged.wallets ?? [], currency);
}

async function arrival(user: DemoUser, currency: Currency, needed: number): Promise<void> {
  await firstValueFrom(
    wallets(user).pipe(
      filter(({ data }) => amountOf(data?.walletChanged.wallets ?? [], currency) >= needed),
      timeout(ARRIVAL_LIMIT_MS),
    ),
  ).catch(() => {
    throw new DemoFailed(`The ${currency.toLowerCase()} did not arrive.`);
  });
}

const amountOf = (
  all: readonly { readonly currency: string; readonly available: number }[],
  currency: Currency,
): number => all.find((wallet) => wallet.currency === currency)?.available ?? 0;

/** @throws DemoFailed when there is no such page. */
async function send(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
  const body = form && { method: "POST", body: new URLSearchParams(form) };
  const response = await fetch(url, { ...body, redirect: "manual" });
  if (response.status >= 400) throw noStore();
  return response;
}

const noStore = (): DemoFailed =>
  new DemoFailed(
    "Nothing can be bought here without money: sign in with --email and --password of somebody who has points and credits.",
  );
