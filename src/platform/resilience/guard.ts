import {
  BrokenCircuitError,
  BulkheadRejectedError,
  CircuitState,
  DelegateBackoff,
  TaskCancelledError,
  TimeoutStrategy,
  bulkhead,
  circuitBreaker,
  handleWhen,
  retry,
  timeout,
  type BulkheadPolicy,
  type CircuitBreakerPolicy,
  type IRetryBackoffContext,
} from "cockatiel";
import { timeoutError } from "./classify.ts";
import { currentCause, onBehalfOf } from "./on-behalf.ts";
import { OutageBreaker } from "./outage-breaker.ts";
import { PROVIDER_CODES, ProviderError, type ProviderOutcome } from "./provider-error.ts";

export type BreakerState = "closed" | "open" | "half_open";
export type CallOutcome = "ok" | ProviderOutcome | "aborted" | "shed";

/** Receives what happened at a provider; implemented by the metrics. Must not throw. */
export interface ProviderObserver {
  /** Once per attempt; `shed` means refused here by an open breaker or a full queue. */
  onCall?(call: {
    provider: string;
    operation: string;
    outcome: CallOutcome;
    durationMs: number;
  }): void;
  onBreaker?(change: { provider: string; state: BreakerState }): void;
}

export interface ProviderGuardOptions {
  provider: string;
  /** Time limit of one attempt. */
  timeoutMs: number;
  /** Calls of this process that may run at once. */
  concurrency: number;
  /** Calls that may wait for a free place; more are refused as retryable. */
  maxQueue: number;
  breaker: {
    /**
     * Callers in a row whose calls failed that open the breaker; it opens earlier after 4 s of failures only.
     * A job is one caller (see onBehalfOf), and so is a call that was made for none.
     */
    failures: number;
    /** How long an open breaker refuses before it lets one call probe. */
    halfOpenAfterMs: number;
  };
  /** Repeated attempts after the first, for retryable failures only. */
  retries: number;
  /** First pause between attempts at most; doubles each time, up to 20 s. Default 200. */
  backoffMs?: number;
  metrics?: ProviderObserver;
  /** Source of jitter from 0 to 1. Default Math.random. */
  random?: () => number;
}

export interface GuardedCall {
  /** Short constant name for metrics, for example `poll`. */
  operation: string;
  /** True when the call may be repeated without cost, so that a timeout is retryable. */
  repeatable: boolean;
  /** Instead of the guard's own number. */
  retries?: number;
  /** Instead of the guard's own limit. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** Every call to one provider goes through its guard, so that its trouble stays its own. */
export interface ProviderGuard {
  readonly provider: string;
  readonly breakerState: BreakerState;
  /**
   * Runs `attempt` under time limit, bulkhead, breaker and retry.
   * @throws ProviderError of the last attempt, or the reason of `call.signal` as soon as it aborts.
   */
  run<T>(call: GuardedCall, attempt: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

const MAX_BACKOFF_MS = 20_000;
const DEFAULT_BACKOFF_MS = 200;

/** Creates the guard of one provider. Keep one per process: it holds the breaker's state. */
export function createProviderGuard(options: ProviderGuardOptions): ProviderGuard {
  return new CockatielGuard(options);
}

class CockatielGuard implements ProviderGuard {
  readonly provider: string;
  private readonly places: BulkheadPolicy;
  private readonly breaker: CircuitBreakerPolicy;
  /** Calls that have not ended, by their callers. */
  private readonly calling = new Map<unknown, number>();

  constructor(private readonly options: ProviderGuardOptions) {
    this.provider = options.provider;
    this.places = bulkhead(options.concurrency, options.maxQueue);
    this.breaker = circuitBreaker(handleWhen(countsAsFailure), {
      halfOpenAfter: options.breaker.halfOpenAfterMs,
      breaker: new OutageBreaker(options.breaker.failures, {
        current: currentCause,
        hasOthers: (caller) => this.calling.size > (this.calling.has(caller) ? 1 : 0),
      }),
    });
    this.breaker.onStateChange(() => {
      options.metrics?.onBreaker?.({ provider: this.provider, state: this.breakerState });
    });
  }

  get breakerState(): BreakerState {
    if (this.breaker.state === CircuitState.Closed) return "closed";
    return this.breaker.state === CircuitState.HalfOpen ? "half_open" : "open";
  }

  async run<T>(call: GuardedCall, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    call.signal?.throwIfAborted();
    const repeats = retry(handleWhen(isRetryable), {
      maxAttempts: call.retries ?? this.options.retries,
      backoff: new DelegateBackoff((context) => this.pauseMs(context)),
    }).dangerouslyUnref();
    const caller = currentCause() ?? Symbol(call.operation);
    let wasSent = false;
    const sending = (signal: AbortSignal) => {
      wasSent = true;
      return attempt(signal);
    };
    const work = repeats.execute(() => this.once(caller, call, sending), call.signal);
    try {
      // Neither cockatiel's pause nor its queue ends at an abort; the caller must not wait for them.
      return await untilAborted(work, call.signal);
    } catch (error) {
      throw this.translated(call, error, wasSent);
    }
  }

  private async once<T>(
    caller: unknown,
    call: GuardedCall,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    call.signal?.throwIfAborted();
    const guarded = () => this.throughBreaker(call, attempt);
    // Said again here: a call that had to wait for its place goes on where another one ended.
    return this.places.execute(
      () => onBehalfOf(caller, () => this.counted(caller, guarded)),
      call.signal,
    );
  }

  private async throughBreaker<T>(
    call: GuardedCall,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.breaker.execute(() => this.probing(call, attempt), call.signal);
    } catch (error) {
      throw error instanceof NothingProved ? error.cause : error;
    }
  }

  /** A probe must not close the breaker unless it has shown that the provider works. */
  private async probing<T>(
    call: GuardedCall,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    // Asked before the call: others run on from the time before the breaker opened, and are no probes.
    const isProbe = this.breakerState === "half_open";
    try {
      return await this.timed(call, attempt);
    } catch (error) {
      if (isProbe && !(error instanceof ProviderError && !error.isRateLimit)) {
        throw new NothingProved("A probe proved nothing.", { cause: error });
      }
      throw error;
    }
  }

  private async counted<T>(caller: unknown, work: () => Promise<T>): Promise<T> {
    this.calling.set(caller, (this.calling.get(caller) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.calling.get(caller) ?? 1) - 1;
      if (left === 0) this.calling.delete(caller);
      else this.calling.set(caller, left);
    }
  }

  private async timed<T>(
    call: GuardedCall,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = call.timeoutMs ?? this.options.timeoutMs;
    const startedAt = performance.now();
    const report = (outcome: CallOutcome) => this.report(call, outcome, startedAt);
    let inner: AbortSignal | undefined;
    try {
      // Without abortOnReturn: false the signal would be aborted after every call, also a good one.
      const limit = timeout(timeoutMs, {
        strategy: TimeoutStrategy.Aggressive,
        abortOnReturn: false,
      });
      const result = await limit.execute(({ signal }) => attempt((inner = signal)), call.signal);
      report("ok");
      return result;
    } catch (error) {
      if (call.signal?.aborted) {
        report("aborted");
        throw call.signal.reason;
      }
      const timedOut = error instanceof TaskCancelledError || isAbort(error, inner);
      const fault = timedOut ? timeoutError(this.provider, timeoutMs, call.repeatable) : error;
      report(fault instanceof ProviderError ? fault.outcome : "unknown");
      throw fault;
    }
  }

  private pauseMs({ attempt, result }: IRetryBackoffContext<unknown>): number {
    const asked = "error" in result && (result.error as ProviderError).retryAfterMs;
    if (typeof asked === "number") return asked;
    const ceiling = (this.options.backoffMs ?? DEFAULT_BACKOFF_MS) * 2 ** (attempt - 1);
    return Math.min(ceiling, MAX_BACKOFF_MS) * (this.options.random ?? Math.random)();
  }

  private translated(call: GuardedCall, error: unknown, wasSent: boolean): unknown {
    if (call.signal?.aborted) return call.signal.reason;
    const open = error instanceof BrokenCircuitError;
    if (!open && !(error instanceof BulkheadRejectedError)) return error;
    this.report(call, "shed", performance.now());
    return new ProviderError({
      provider: this.provider,
      outcome: "retryable",
      code: open ? PROVIDER_CODES.unavailable : PROVIDER_CODES.busy,
      message: open ? `${this.provider} is not available.` : `${this.provider} is busy.`,
      retryAfterMs: open ? this.options.breaker.halfOpenAfterMs : undefined,
      // An earlier attempt of the same call may have reached the provider.
      shed: !wasSent,
    });
  }

  private report(call: GuardedCall, outcome: CallOutcome, startedAt: number): void {
    this.options.metrics?.onCall?.({
      provider: this.provider,
      operation: call.operation,
      outcome,
      durationMs: performance.now() - startedAt,
    });
  }
}

/** Carries the end of a probe that was cancelled, limited in its rate or failed by a bug of ours: the next probe decides. */
class NothingProved extends Error {}

/** The provider's own trouble. A rate limit is none: only those who ask too often have to wait. */
const countsAsFailure = (error: unknown): boolean =>
  error instanceof ProviderError
    ? !error.isRateLimit && (error.outcome === "retryable" || error.outcome === "unknown")
    : error instanceof NothingProved;

const isRetryable = (error: unknown): boolean =>
  error instanceof ProviderError && error.outcome === "retryable";

const isAbort = (error: unknown, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && !(error instanceof ProviderError);

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
