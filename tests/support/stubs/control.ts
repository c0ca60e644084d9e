export const STUB_PROVIDERS = [
  "orbo",
  "openai",
  "perplexity",
  "brevo",
  "s3",
  "twilio",
  "google",
  "nacos",
  "gemini",
  "fcm",
  "revenuecat",
  "dashscope",
  "dodo",
  "replicate",
  "stripe",
] as const;
export type StubProvider = (typeof STUB_PROVIDERS)[number];

/** One scripted deviation from the provider's normal behaviour. */
export interface Behaviour {
  /** Applies only when `<METHOD> <path>` contains this text. Default: any request. */
  match?: string;
  /** Answers with this status instead of doing the work. */
  status?: number;
  /** A string goes out as it is, a function gives what is streamed, anything else is JSON. Default: the provider's own error body. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Waits before answering. */
  delayMs?: number;
  /**
   * `before`: the connection ends before the request is read. `mid`: half of the answer arrives.
   * `after`: the work is done, then the connection ends without an answer.
   */
  cut?: "before" | "mid" | "after";
  /** How many requests it applies to. Default 1. */
  times?: number;
}

/** A request as the stub saw it. */
export interface SeenRequest {
  method: string;
  /** Below the provider's prefix, without the query. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  byteSize: number;
  /** The body as text; empty for binary bodies. */
  text: string;
  /** The parsed body, or null when it is not JSON. */
  json: any;
}

/** Scripts and request logs of all stubs of one process. */
export class StubControl {
  private readonly queues = new Map<StubProvider, Behaviour[]>();
  private readonly logs = new Map<StubProvider, SeenRequest[]>();

  script(provider: StubProvider, ...behaviours: Behaviour[]): void {
    const queue = this.queues.get(provider) ?? [];
    this.queues.set(provider, [...queue, ...behaviours.map((one) => ({ times: 1, ...one }))]);
  }

  /** The first scripted behaviour that fits, used up by one. */
  take(provider: StubProvider, method: string, path: string): Behaviour | null {
    const queue = this.queues.get(provider) ?? [];
    const index = queue.findIndex(({ match }) => !match || `${method} ${path}`.includes(match));
    const found = queue[index];
    if (!found) return null;
    found.times = (found.times ?? 1) - 1;
    if (found.times <= 0) queue.splice(index, 1);
    return found;
  }

  log(provider: StubProvider, request: SeenRequest): void {
    this.logs.set(provider, [...this.requests(provider), request]);
  }

  requests(provider: StubProvider): SeenRequest[] {
    return this.logs.get(provider) ?? [];
  }

  reset(): void {
    this.queues.clear();
    this.logs.clear();
  }
}

export const isStubProvider = (name: string): name is StubProvider =>
  (STUB_PROVIDERS as readonly string[]).includes(name);
