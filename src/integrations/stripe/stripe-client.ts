import type { Stripe } from "stripe";
import { wholeAnswers } from "../../platform/http/bounded-body.ts";
import { badAnswer, connectionError, statusError } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";

export const STRIPE = "stripe";
const MAX_ANSWER_BYTES = 1024 * 1024;
/** The guard ends an attempt; the SDK lets go of its connection a little later. */
const SDK_EXTRA_MS = 1_000;

export interface StripeClientOptions {
  /** Without a path, such as `https://api.stripe.com`. */
  readonly baseUrl: string;
  readonly secretKey: string;
  readonly timeoutMs: number;
  readonly guard: ProviderGuard;
}

/** The SDK behind the guard: what it throws comes out as ProviderError, without the SDK's texts. */
export class StripeClient {
  private client: Promise<Stripe> | undefined;

  constructor(private readonly options: StripeClientOptions) {}

  /**
   * Runs a call that may be repeated: a read, or a write with an idempotency key of its own.
   * @throws ProviderError
   */
  run<T>(operation: string, call: (stripe: Stripe) => Promise<T>): Promise<T> {
    return this.options.guard.run({ operation, repeatable: true }, async () => {
      const stripe = await this.open();
      const { default: Client } = await import("stripe");
      try {
        return await call(stripe);
      } catch (error) {
        throw stripeError(error, error instanceof Client.errors.StripeConnectionError);
      }
    });
  }

  // The SDK takes long to load: only a process that sells pays for it, once.
  private open(): Promise<Stripe> {
    this.client ??= import("stripe").then(({ default: Client }) => {
      const { secretKey, baseUrl, timeoutMs } = this.options;
      const url = new URL(baseUrl);
      return new Client(secretKey, {
        host: url.hostname,
        port: url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port),
        protocol: url.protocol === "http:" ? "http" : "https",
        timeout: timeoutMs + SDK_EXTRA_MS,
        // The guard repeats, with the same idempotency key, and waits as long as it is asked to.
        maxNetworkRetries: 0,
        telemetry: false,
        httpClient: Client.createFetchHttpClient(goodAnswers()),
      });
    });
    return this.client;
  }
}

/** The SDK would try to read whatever comes, and print notices: it is given nothing but good answers. */
function goodAnswers(): typeof fetch {
  const whole = wholeAnswers(MAX_ANSWER_BYTES);
  return async (input, init) => {
    const answer = await whole(input, init);
    if (!answer.ok) throw statusError(STRIPE, answer.status, answer.headers, Date.now());
    answer.headers.delete("stripe-notice");
    return answer;
  };
}

function stripeError(error: unknown, connectionLost: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const { detail } = error as { detail?: unknown };
  if (detail instanceof ProviderError) return detail;
  return connectionLost ? connectionError(STRIPE, detail, true) : badAnswer(STRIPE, true);
}
