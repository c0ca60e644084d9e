import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import {
  LinkEmailDocument,
  LoginWithPasswordDocument,
  NotificationsDocument,
  OpenBillingPortalDocument,
  PaymentsDocument,
  ResumeSubscriptionDocument,
  StartCreditsCheckoutDocument,
  StartProCheckoutDocument,
  SubscriptionsDocument,
  SyncPurchasesDocument,
  WalletsDocument,
  WatchWalletsDocument,
  type SubscriptionsQuery,
  type WalletsQuery,
} from "../../src/client/generated/graphql.ts";
import type { FacetClient } from "../../src/client/index.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";
import { newClient, openApp } from "./app-user.ts";
import { chromiumPath, openBrowser } from "./browser.ts";
import { countingFetch, openScreen } from "./live-screen.ts";

const path = chromiumPath();
const inBrowser = path === null ? describe.skip : describe;
if (path === null) {
  process.stderr.write(
    "No Chromium is installed, nor named by CHROMIUM_PATH: journeys of buyers are not tested.\n",
  );
}

const PASSWORD = "a password of seven words or so";

const balance = ({ viewer }: WalletsQuery, currency: "CREDITS" | "POINTS") =>
  viewer?.wallets.find((wallet) => wallet.currency === currency)?.balance;
const plans = ({ viewer }: SubscriptionsQuery) => viewer?.entitlements.plans ?? [];
const chatLimit = ({ viewer }: SubscriptionsQuery) =>
  viewer?.usage.find(({ name }) => name === "CHAT_MESSAGES")?.limit;

inBrowser("buying, in Chromium", () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  const apps: FacetClient[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    world = await createWorld({ nodes: 1, env: { TRUSTED_DOCUMENTS: "true" } });
    browser = await openBrowser(path ?? "");
    page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.setDefaultTimeout(25_000);
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      const { url } = message.location();
      if (message.type() === "error" && !url.endsWith("/favicon.ico")) faults.push(message.text());
    });
  });
  afterAll(async () => {
    for (const app of apps) app.stop();
    await browser.close();
    await world.stop();
  });

  const open = async (options: Parameters<typeof openApp>[1] = {}) => {
    const app = await openApp(world.url, options);
    apps.push(app);
    return app;
  };
  const userIdOf = async (app: FacetClient) => (await app.session.current())?.userId ?? "";
  const click = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
  const back = () => `${world.url}/healthz`;

  /** Answers the mail that confirms an address. */
  async function confirm(email: string) {
    const outbox = join(world.dataDir, "outbox");
    const mail = await until(async () => {
      const names = await readdir(outbox).catch(() => []);
      const texts = await Promise.all(names.map((name) => readFile(join(outbox, name), "utf8")));
      return texts.find((text) => text.includes(`To: ${email}`));
    });
    await page.goto(/https?:\/\/\S+/.exec(mail ?? "")?.[0] ?? "");
    await page.getByRole("button").click();
    await page.getByText("is confirmed").waitFor();
  }

  test("a guest links an address and buys credits: the second screen shows them live, and a refund takes them back", async () => {
    const first = await open();
    const email = `${randomUUID()}@facet.example`;
    const input = { email, password: PASSWORD };
    const linked = await first.apollo.mutate({ mutation: LinkEmailDocument, variables: { input } });
    expect(linked.data?.linkEmail.problems).toEqual([]);
    await confirm(email);

    const counter = countingFetch();
    const second = newClient(world.url, { fetch: counter.fetch });
    apps.push(second);
    const { data } = await second.apollo.mutate({
      mutation: LoginWithPasswordDocument,
      variables: { input: { identifier: email, password: PASSWORD } },
    });
    const session = data?.loginWithPassword.session;
    if (!session) throw new Error(JSON.stringify(data?.loginWithPassword.problems));
    await second.signIn(session);
    expect(session.viewer.id).toBe(await userIdOf(first));
    const screen = await openScreen(second, WalletsDocument, counter);
    await screen.shows((shown) => balance(shown, "CREDITS") === 0);
    const balances: (number | undefined)[] = [];
    first.apollo.subscribe({ query: WatchWalletsDocument }).subscribe(({ data: changed }) => {
      const wallets = changed?.walletChanged.wallets ?? [];
      balances.push(wallets.find(({ currency }) => currency === "CREDITS")?.balance);
    });

    const checkout = await first.apollo.mutate({
      mutation: StartCreditsCheckoutDocument,
      variables: {
        input: {
          package: "CREDITS_20",
          returnUrl: back(),
          cancelUrl: back(),
          idempotencyKey: randomUUID(),
        },
      },
    });
    await page.goto(checkout.data?.startCreditsCheckout.url ?? "");
    await page.getByText("$14.99").waitFor();
    await click("Fail");
    await page.getByRole("alert").waitFor();
    await click("Pay");
    await page.waitForURL(/\/healthz\?.*status=succeeded/);
    await screen.shows((shown) => balance(shown, "CREDITS") === 20);

    await page.goto(`${world.url}/local-store`);
    await page.locator('a[href*="/customers/"]', { hasText: email }).click();
    await page.getByLabel("Amount in USD").fill("7.50");
    await click("Refund a part");
    await screen.shows((shown) => balance(shown, "CREDITS") === 10);
    await click("Refund");
    await screen.shows((shown) => balance(shown, "CREDITS") === 0);

    expect(screen.requests()).toBe(0);
    await until(() => balances.at(-1) === 0 && balances.includes(20));
    const payments = await second.apollo.query({ query: PaymentsDocument, variables: {} });
    expect(payments.data?.viewer?.payments.nodes).toMatchObject([
      { status: "SUCCEEDED", amount: 20, refunds: [{ takenBack: 10 }, { takenBack: 10 }] },
      { status: "FAILED", refunds: [] },
    ]);
  });

  test("Pro is paid, canceled, resumed, not paid and over: each is live on the screen", async () => {
    const counter = countingFetch();
    const app = await open({ fetch: counter.fetch });
    const screen = await openScreen(app, SubscriptionsDocument, counter);
    await screen.shows((shown) => chatLimit(shown) === 5);
    const checkout = await app.apollo.mutate({
      mutation: StartProCheckoutDocument,
      variables: { input: { plan: "PRO", successUrl: back(), cancelUrl: back() } },
    });
    expect(checkout.data?.startProCheckout.problems).toEqual([]);
    await page.goto(checkout.data?.startProCheckout.checkoutUrl ?? "");
    await click("Pay");
    await page.waitForURL(/healthz/);
    const paid = await screen.shows((shown) => plans(shown).includes("PRO"));
    expect(chatLimit(paid)).toBeNull();

    const portal = await app.apollo.mutate({
      mutation: OpenBillingPortalDocument,
      variables: { input: { returnUrl: back() } },
    });
    await page.goto(portal.data?.openBillingPortal.portalUrl ?? "");
    const lastSubscription = () =>
      screen.events
        .flatMap((event) =>
          event.__typename === "EntitlementsEvent" && event.subscription
            ? [event.subscription]
            : [],
        )
        .at(-1);
    await click("Cancel at period end");
    await until(() => lastSubscription()?.cancelAtPeriodEnd);
    expect(lastSubscription()).toMatchObject({ status: "ACTIVE", entitled: true });
    const { id = "" } = lastSubscription() ?? {};
    const resumed = await app.apollo.mutate({
      mutation: ResumeSubscriptionDocument,
      variables: { input: { id } },
    });
    expect(resumed.data?.resumeSubscription).toMatchObject({
      problems: [],
      subscription: { cancelAtPeriodEnd: false },
    });
    await page.reload();
    await click("Renewal fails");
    await until(() => lastSubscription()?.status === "PAST_DUE");
    expect(lastSubscription()).toMatchObject({ entitled: true });
    await until(() =>
      screen.events.find(
        (event) =>
          event.__typename === "NotificationEvent" &&
          event.notification?.kind === "PAYMENT_PROBLEM",
      ),
    );
    const told = await app.apollo.query({ query: NotificationsDocument, variables: {} });
    expect(told.data?.viewer?.unreadNotifications).toBe(1);
    await click("Renew now");
    await until(() => lastSubscription()?.status === "ACTIVE");
    await click("End now");
    const over = await screen.shows((shown) => !plans(shown).includes("PRO"));
    expect(chatLimit(over)).toBe(5);
  });

  test("a phone buys VIP and points: live by webhooks, and by a sync when those are held back", async () => {
    const counter = countingFetch();
    const app = await open({ fetch: counter.fetch });
    const wallets = await openScreen(app, WalletsDocument, counter);
    const subscriptions = await openScreen(app, SubscriptionsDocument, counter);
    const phone = `${world.url}/local-store/apps/${await userIdOf(app)}`;
    const buy = (product: string) =>
      page.locator(`[data-product="${product}"]`).getByRole("button").click();
    await page.goto(phone);
    await buy("vip_monthly");
    await buy("points_100");
    await subscriptions.shows((shown) => plans(shown).includes("VIP"));
    await wallets.shows((shown) => balance(shown, "POINTS") === 100);
    await page.locator('[data-item="vip_monthly"]').getByRole("button", { name: "Expire" }).click();
    await subscriptions.shows((shown) => !plans(shown).includes("VIP"));
    expect(wallets.requests() + subscriptions.requests()).toBeLessThanOrEqual(1);

    await page.goto(`${world.url}/local-store`);
    await click("Hold them back");
    await page.goto(phone);
    await buy("vip_lifetime");
    await buy("points_500");
    const synced = await app.apollo.mutate({
      mutation: SyncPurchasesDocument,
      variables: { input: {} },
    });
    expect(synced.data?.syncPurchases.problems).toEqual([]);
    expect(synced.data?.syncPurchases.viewer?.entitlements.plans).toContain("VIP");
    await wallets.shows((shown) => balance(shown, "POINTS") === 600);

    await page.goto(`${world.url}/local-store`);
    await page.getByText("2 on the way").waitFor();
    await click("Let them go");
    await until(async () => {
      await page.reload();
      return page.getByText("0 on the way").isVisible();
    });
    await page.goto(phone);
    await page.locator('[data-item="points_500"]').getByRole("button", { name: "Refund" }).click();
    await wallets.shows((shown) => balance(shown, "POINTS") === 100);
    expect(await subscriptions.shows((shown) => plans(shown).includes("VIP"))).toBeDefined();
  });

  test("the pages break no rule of theirs", () => {
    expect(faults).toEqual([]);
  });
});
