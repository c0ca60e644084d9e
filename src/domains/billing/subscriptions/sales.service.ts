import { randomUUID } from "node:crypto";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { RateLimiter, RateLimit } from "../../../platform/redis/rate-limiter.ts";
import type { UserService } from "../../identity/index.ts";
import type { SubscriptionStore } from "../billing.ports.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { PlanName } from "../plans/plan.vocabulary.ts";
import type { ReturnUrls } from "../return-url.ts";
import { askStore, openStore } from "../store.problems.ts";
import type { CustomerRepository } from "./customer.repository.ts";
import type { EntitlementService } from "./entitlement.service.ts";
import type { Subscription, SubscriptionRepository } from "./subscription.repository.ts";
import { WEB_STORE, type SubscriptionService } from "./subscription.service.ts";
import "./subscription.problems.ts";

/** Pages that a user may open: each one costs the store work. */
const STARTS: RateLimit = { name: "subscription-checkouts", points: 20, windowSeconds: 600 };

/** What somebody wants to subscribe to. */
export interface SubscriptionOrder {
  readonly userId: string;
  readonly plan: PlanName;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly idempotencyKey: string | null;
}

/** A page of the store, for a browser. */
export interface StorePage {
  readonly url: string;
}

/** Sells subscriptions on the web, and ends and resumes them. */
export class SalesService {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly store: SubscriptionStore | null;
      readonly subscriptions: SubscriptionService;
      readonly repository: Pick<SubscriptionRepository, "byIds" | "runningOf" | "forget">;
      readonly customers: CustomerRepository;
      readonly entitlements: EntitlementService;
      readonly plans: Pick<PlanService, "webProductOf">;
      readonly users: Pick<UserService, "find">;
      readonly idempotency: Idempotency;
      readonly returnUrls: ReturnUrls;
      readonly rateLimiter: Pick<RateLimiter, "consume">;
    },
  ) {}

  /**
   * Opens a page where a subscription is paid; the same page for the same key.
   * Refuses with RETURN_URL_NOT_ALLOWED, PLAN_NOT_SOLD, ALREADY_SUBSCRIBED or STORE_UNAVAILABLE.
   * @throws IDEMPOTENCY_MISMATCH, RATE_LIMITED
   */
  async startCheckout(order: SubscriptionOrder): Promise<StorePage> {
    const { plans, returnUrls, idempotency, uow, entitlements, rateLimiter } = this.dependencies;
    const { userId, plan, idempotencyKey: key } = order;
    Idempotency.checkKey(key);
    const urls = {
      successUrl: returnUrls.checked(order.successUrl, ["input", "successUrl"]),
      cancelUrl: returnUrls.checked(order.cancelUrl, ["input", "cancelUrl"]),
    };
    const call = { userId, key, operation: "startProCheckout", input: { plan, ...urls } };
    const earlier = await idempotency.find<StorePage>(call);
    if (earlier) return earlier;
    const store = openStore(this.dependencies.store);
    const productId = plans.webProductOf(plan);
    if (productId === null) {
      refuse(problem("PLAN_NOT_SOLD", "This plan cannot be bought here.", ["input", "plan"]));
    }
    if (await entitlements.isSubscribed(userId, plan)) {
      refuse(problem("ALREADY_SUBSCRIBED", "You have this plan already.", ["input", "plan"]));
    }
    await rateLimiter.consume(STARTS, userId);
    const page = await askStore(async () => {
      const customerId = await this.customerOf(store, userId);
      const attempt = `checkout:${userId}:${plan}:${key ?? randomUUID()}`;
      return store.startCheckout({ userId, customerId, productId, ...urls, key: attempt });
    });
    return uow.run((tx) => idempotency.once(tx, call, () => Promise.resolve({ url: page.url })));
  }

  /** Opens a page where cards and subscriptions are changed. Refuses also with NOTHING_BOUGHT_YET. */
  async openPortal(userId: string, returnUrl: string): Promise<StorePage> {
    const { customers, returnUrls } = this.dependencies;
    const checkedUrl = returnUrls.checked(returnUrl, ["input", "returnUrl"]);
    const store = openStore(this.dependencies.store);
    const customerId = await customers.currentOf(userId, WEB_STORE);
    if (customerId === null) {
      refuse(problem("NOTHING_BOUGHT_YET", "You have not bought anything on the web yet."));
    }
    return askStore(() => store.openPortal({ customerId, returnUrl: checkedUrl }));
  }

  /**
   * Ends a subscription with its period (`cancel`), or lets it go on after all. Doing it again changes nothing.
   * Refuses with MANAGED_ELSEWHERE, SUBSCRIPTION_ENDED or STORE_UNAVAILABLE. @throws NOT_FOUND
   */
  async setCancel(userId: string, id: string, cancel: boolean): Promise<Subscription> {
    const { subscriptions, uow } = this.dependencies;
    const before = await this.own(userId, id);
    if (before.store !== WEB_STORE) {
      refuse(problem("MANAGED_ELSEWHERE", "Change it in the store where you bought it.", PATH));
    }
    if (ENDED.has(before.status)) {
      refuse(problem("SUBSCRIPTION_ENDED", "This subscription has ended.", PATH));
    }
    if (before.cancelAtPeriodEnd === cancel) return before;
    const store = openStore(this.dependencies.store);
    const { storeSubscriptionId: subscriptionId, version } = before;
    const key = `${cancel ? "cancel" : "resume"}:${id}:${version}`;
    const report = await askStore(() =>
      store.setCancelAtPeriodEnd({ subscriptionId, cancel, key }),
    );
    const isDone = await uow.run((tx) => subscriptions.recordRead(tx, report, version));
    // A webhook was faster: what it said may be older or newer than the answer.
    if (!isDone) await askStore(() => subscriptions.refresh(id));
    return this.own(userId, id);
  }

  /**
   * Ends what a user would go on paying for, and forgets whose it was. May be called again.
   * @throws ProviderError when the store does not answer: nothing is forgotten then
   */
  async erase(userId: string): Promise<void> {
    const { store, repository, customers, uow } = this.dependencies;
    for (const running of await repository.runningOf([userId])) {
      const { storeSubscriptionId: subscriptionId, id, version, cancelAtPeriodEnd } = running;
      if (running.store !== WEB_STORE || cancelAtPeriodEnd) continue;
      const key = `cancel:${id}:${version}`;
      await store?.setCancelAtPeriodEnd({ subscriptionId, cancel: true, key });
    }
    await uow.run(async (tx) => {
      await customers.forget(tx, userId);
      await repository.forget(tx, userId);
    });
  }

  private async own(userId: string, id: string): Promise<Subscription> {
    const found = (await this.dependencies.repository.byIds([id]))[0];
    if (found?.userId !== userId) throw notFound("The subscription");
    return found;
  }

  /** As whom a user buys. Two calls at once get one customer: the store makes it once per user. */
  private async customerOf(store: SubscriptionStore, userId: string): Promise<string> {
    const { customers, users, uow } = this.dependencies;
    const known = await customers.currentOf(userId, WEB_STORE);
    if (known !== null) return known;
    const user = await users.find(userId);
    const customerId = await store.createCustomer({ id: userId, email: user?.email ?? null });
    await uow.run((tx) => customers.link(tx, { store: WEB_STORE, customerId, userId }));
    return customerId;
  }
}

const PATH = ["input", "id"];
const ENDED: ReadonlySet<string> = new Set(["CANCELED", "EXPIRED"]);
