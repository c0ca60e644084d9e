import { HttpClient } from "../../platform/http/http-client.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { purchaseOf, type DodoPurchase } from "./dodo-reports.ts";
import { dodoCheckout, dodoNewCheckout, dodoPayment } from "./dodo-wire.ts";

export interface DodoOptions {
  /** `https://live.dodopayments.com`, or `https://test.dodopayments.com`. */
  baseUrl: string;
  apiKey: string;
  timeoutMs: number;
  /** Whether the money is not real. */
  sandbox: boolean;
  guard: ProviderGuard;
}

/** Sells packages of credits by the checkout pages of Dodo Payments. */
export class DodoCreditStore {
  private readonly http: HttpClient;

  constructor(private readonly options: DodoOptions) {
    this.http = new HttpClient({
      provider: "dodo",
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { authorization: `Bearer ${options.apiKey}` },
    });
  }

  /**
   * Opens a page, `POST /checkouts`; it lives for 24 hours. Dodo knows no idempotency keys: a page that was opened twice
   * costs nothing, and what is paid on either names the same reference. @throws ProviderError
   */
  async startCheckout(checkout: {
    readonly userId: string;
    readonly email: string | null;
    readonly name: string | null;
    readonly productId: string;
    readonly reference: string;
    readonly returnUrl: string;
    readonly cancelUrl: string;
  }): Promise<{ id: string; url: string }> {
    const { userId, email, name, reference } = checkout;
    const call = { operation: "checkout", repeatable: true };
    const page = await this.options.guard.run(call, (signal) =>
      this.http.json({
        method: "POST",
        path: "checkouts",
        repeatable: true,
        body: {
          product_cart: [{ product_id: checkout.productId, quantity: 1 }],
          ...(email !== null && { customer: { email, ...(name !== null && { name }) } }),
          return_url: checkout.returnUrl,
          cancel_url: checkout.cancelUrl,
          metadata: { user_id: userId, reference },
        },
        schema: dodoNewCheckout,
        signal,
      }),
    );
    return { id: page.session_id, url: page.checkout_url };
  }

  /** What became of a page: its payment as it is now, or null when nobody has tried to pay. @throws ProviderError */
  async purchaseOf(checkoutId: string): Promise<DodoPurchase | null> {
    const checkout = await this.get(`checkouts/${encodeURIComponent(checkoutId)}`, dodoCheckout);
    if (!checkout.payment_id) return null;
    const path = `payments/${encodeURIComponent(checkout.payment_id)}`;
    const payment = await this.get(path, dodoPayment);
    const { sandbox } = this.options;
    return purchaseOf(payment, { occurredAt: payment.created_at, sandbox });
  }

  private get<T>(path: string, schema: Parameters<typeof this.http.json<T>>[0]["schema"]) {
    return this.options.guard.run({ operation: "read", repeatable: true }, (signal) =>
      this.http.json<T>({ method: "GET", path, schema, signal }),
    );
  }
}
