import type { Clock } from "../../../platform/clock/clock.ts";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { badUserInput, idempotencyMismatch } from "../../../platform/graphql/errors.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { UserService } from "../../identity/index.ts";
import type { CreditStore, PurchaseReport } from "../billing.ports.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { ReturnUrls } from "../return-url.ts";
import { askStore, openStore } from "../store.problems.ts";
import type { Checkout, CheckoutRepository } from "./checkout.repository.ts";

const STARTS = { name: "credit-checkouts", points: 20, windowSeconds: 600 };
/** Pages of stores live for a day; payments by bank transfer may take some more. */
const UNDECIDED_DAYS = 7;
const UNDECIDED = 5;

/** What a user asks for who wants to buy credits. */
export interface CheckoutWish {
  readonly package: string;
  readonly returnUrl: string;
  readonly cancelUrl: string;
  readonly idempotencyKey: string;
}

/** Leads users to the page of the store where credits are paid. */
export class CheckoutService {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly checkouts: CheckoutRepository;
      /** Null when credits are not sold here. */
      readonly store: CreditStore | null;
      readonly users: Pick<UserService, "find">;
      readonly plans: Pick<PlanService, "creditProductOf">;
      readonly returnUrls: ReturnUrls;
      readonly rateLimiter: RateLimiter;
      readonly ids: Ids;
      readonly clock: Clock;
    },
  ) {}

  /**
   * Opens the page; the same key answers the same page. Nothing of ours is locked while the store is asked.
   * Refuses with UNKNOWN_PACKAGE, RETURN_URL_NOT_ALLOWED and STORE_UNAVAILABLE. @throws IDEMPOTENCY_MISMATCH, RATE_LIMITED
   */
  async start(userId: string, wish: CheckoutWish): Promise<string> {
    const { uow, checkouts, plans, returnUrls, rateLimiter, ids } = this.dependencies;
    const { idempotencyKey } = wish;
    Idempotency.checkKey(idempotencyKey);
    const productId = plans.creditProductOf(wish.package);
    if (productId === null) {
      const path = ["input", "package"];
      refuse(problem("UNKNOWN_PACKAGE", "These credits are not sold any more.", path));
    }
    const asked = {
      packageName: wish.package,
      returnUrl: returnUrls.checked(wish.returnUrl, ["input", "returnUrl"]),
      cancelUrl: returnUrls.checked(wish.cancelUrl, ["input", "cancelUrl"]),
    };
    await rateLimiter.consume(STARTS, userId);
    const checkout = await uow.run((tx) =>
      checkouts.add(tx, { id: ids.next("cko"), userId, productId, idempotencyKey, ...asked }),
    );
    if (!isSame(checkout, asked)) throw idempotencyMismatch();
    if (checkout.url !== null) return checkout.url;
    const page = await this.open(checkout);
    // Of two pages for one checkout both would be good; everybody is told the first one.
    return uow.run((tx) => checkouts.opened(tx, checkout.id, page));
  }

  /** Asks the store what became of a user's checkouts that no report has decided yet. @throws ProviderError */
  async reportsOf(userId: string): Promise<PurchaseReport[]> {
    const { checkouts, store, clock } = this.dependencies;
    if (!store) return [];
    const since = new Date(clock.now().getTime() - UNDECIDED_DAYS * 86_400_000);
    const undecided = await checkouts.undecided(userId, since, UNDECIDED);
    const purchases = await Promise.all(
      undecided.flatMap(({ storeCheckoutId }) =>
        storeCheckoutId === null ? [] : [store.purchaseOf(storeCheckoutId)],
      ),
    );
    return purchases.filter((purchase) => purchase !== null);
  }

  private async open(checkout: Checkout): Promise<{ id: string; url: string }> {
    const { users } = this.dependencies;
    const store = openStore(this.dependencies.store);
    const user = await users.find(checkout.userId);
    if (!user) throw badUserInput("This user is gone.", []);
    const name = [user.firstName, user.lastName].filter((part) => part !== "").join(" ");
    return askStore(() =>
      store.startCheckout({
        userId: user.id,
        email: user.email,
        name: name === "" ? null : name,
        productId: checkout.productId,
        reference: checkout.id,
        returnUrl: checkout.returnUrl,
        cancelUrl: checkout.cancelUrl,
      }),
    );
  }
}

const isSame = (checkout: Checkout, asked: Partial<Checkout>): boolean =>
  checkout.packageName === asked.packageName &&
  checkout.returnUrl === asked.returnUrl &&
  checkout.cancelUrl === asked.cancelUrl;
