import type { z } from "zod";
import { badAnswer, connectionError, statusError, timeoutError } from "../resilience/classify.ts";
import { ProviderError } from "../resilience/provider-error.ts";
import { AnswerTooLarge, readBounded } from "./bounded-body.ts";
import { headersOf, streamedAnswer } from "./streamed-answer.ts";

export interface HttpClientOptions {
  /** Name in errors and metrics. */
  provider: string;
  /** Paths are appended to it; a trailing slash makes no difference. */
  baseUrl: string;
  /** Time limit of one request with its body. */
  timeoutMs: number;
  /** Sent with every request below `baseUrl`, never to another address. Keys belong here. */
  headers?: Record<string, string>;
  /** Longest JSON answer that is read. Default 2 MB. */
  maxAnswerBytes?: number;
}

export interface OwnRequest {
  method: "GET" | "POST";
  /** Below the base URL, without a leading slash. */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent URL-encoded in place of a JSON body. */
  form?: Record<string, string>;
  /** Whether repeating costs nothing. Default: GET yes, POST no. */
  repeatable?: boolean;
  signal?: AbortSignal;
}

export interface JsonRequest<T> extends OwnRequest {
  schema: z.ZodType<T>;
  /** Names answers that are not 2xx and yet regular: they are parsed by the schema as well. */
  accepts?: (answer: { status: number; body: unknown }) => boolean;
  refusal?: ReadRefusal;
}

/** Reads a vendor's own meaning out of an answer that is not 2xx; null leaves it to the status. */
export type ReadRefusal = (answer: {
  status: number;
  body: unknown;
  headers: Headers;
}) => ProviderError | null;

export interface ForeignRequest {
  /** An absolute URL that the provider handed out. It never appears in an error. */
  url: string;
  signal?: AbortSignal;
}

const DEFAULT_MAX_ANSWER_BYTES = 2 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

/**
 * A small HTTP client for one provider. Everything that goes wrong becomes a ProviderError whose
 * text names the provider and the status only. Redirects are not followed. Nothing is repeated.
 */
export class HttpClient {
  private readonly baseUrl: string;

  constructor(private readonly options: HttpClientOptions) {
    this.baseUrl = options.baseUrl.replace(/\/*$/, "/");
  }

  /** Sends a request and parses the JSON answer. @throws ProviderError, or the signal's reason. */
  async json<T>(request: JsonRequest<T>): Promise<T> {
    const answer = await this.call(request, "application/json");
    const parsed = parseJson(answer.bytes);
    const seen = { status: answer.status, body: parsed.value, headers: answer.headers };
    if (!answer.ok && !request.accepts?.(seen)) {
      throw request.refusal?.(seen) ?? this.statusError(answer);
    }
    const checked = parsed.readable ? request.schema.safeParse(parsed.value) : undefined;
    if (!checked?.success) {
      throw badAnswer(this.options.provider, isRepeatable(request), answer.status);
    }
    return checked.data;
  }

  /** Sends a request and returns the answer as UTF-8 text. @throws ProviderError, or the signal's reason. */
  async text(request: OwnRequest): Promise<{ text: string; headers: Headers }> {
    const answer = await this.call(request, "*/*");
    if (!answer.ok) throw this.statusError(answer);
    return { text: new TextDecoder().decode(answer.bytes), headers: answer.headers };
  }

  /**
   * Sends a request and gives the body of the answer as it comes. Only the signal limits its time; what breaks later
   * comes as a ProviderError, too.
   */
  async stream(
    request: Omit<OwnRequest, "form"> & { refusal?: ReadRefusal },
  ): Promise<AsyncIterable<Uint8Array>> {
    const { method, signal } = request;
    const broken = (error: unknown): unknown =>
      signal?.aborted
        ? signal.reason
        : connectionError(this.options.provider, error, isRepeatable(request));
    signal?.throwIfAborted();
    const { url, headers, body } = this.prepare(request, "text/event-stream");
    const answer = await streamedAnswer({
      url,
      method,
      headers,
      body: String(body ?? ""),
      signal,
    }).catch((error: unknown) => {
      throw broken(error);
    });
    const status = answer.statusCode ?? 0;
    if (isOk(status)) return guarded(answer, broken);
    const bytes = await readBounded(answer, MAX_REFUSAL_BYTES).catch(() => new Uint8Array());
    const refused = { ok: false, status, headers: headersOf(answer), bytes };
    const refusal = request.refusal?.({ ...refused, body: parseJson(bytes).value });
    throw refusal ?? this.statusError(refused);
  }

  /** PUTs bytes to a signed URL of the provider's storage; none of our keys go along. */
  async putBytes(request: ForeignRequest & { bytes: Uint8Array; contentType: string }) {
    const init = {
      method: "PUT",
      headers: { "content-type": request.contentType },
      body: request.bytes as Uint8Array<ArrayBuffer>,
    };
    const answer = await this.exchange(new URL(request.url), init, MAX_REFUSAL_BYTES, {
      repeatable: true,
      signal: request.signal,
    });
    if (!answer.ok) throw this.statusError(answer);
  }

  /** Downloads at most `maxBytes` from a URL of the provider's storage, without our keys. */
  async getBytes(
    request: ForeignRequest & { maxBytes: number },
  ): Promise<{ bytes: Uint8Array; contentType: string }> {
    const answer = await this.exchange(new URL(request.url), { method: "GET" }, request.maxBytes, {
      repeatable: true,
      signal: request.signal,
    });
    if (!answer.ok) throw this.statusError(answer);
    const contentType = answer.headers.get("content-type")?.split(";")[0]?.trim();
    return { bytes: answer.bytes, contentType: contentType || "application/octet-stream" };
  }

  private call(request: OwnRequest, accept: string): Promise<Answer> {
    const { url, headers, body } = this.prepare(request, accept);
    const maxBytes = this.options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES;
    return this.exchange(url, { method: request.method, headers, body }, maxBytes, {
      repeatable: isRepeatable(request),
      signal: request.signal,
    });
  }

  private prepare(
    request: OwnRequest,
    accept: string,
  ): { url: URL; headers: Record<string, string>; body: string | URLSearchParams | null } {
    const url = new URL(request.path, this.baseUrl);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      url.searchParams.set(name, value);
    }
    const headers: Record<string, string> = {
      accept,
      ...this.options.headers,
      ...request.headers,
    };
    if (request.body !== undefined) headers["content-type"] = "application/json";
    const form = request.form && new URLSearchParams(request.form);
    const body = request.body === undefined ? (form ?? null) : JSON.stringify(request.body);
    return { url, headers, body };
  }

  private async exchange(
    url: URL,
    init: RequestInit,
    maxBytes: number,
    call: { repeatable: boolean; signal: AbortSignal | undefined },
  ): Promise<Answer> {
    call.signal?.throwIfAborted();
    const { provider, timeoutMs } = this.options;
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit;
    try {
      const response = await fetch(url, { ...init, signal, redirect: "manual" });
      // The status alone says enough of a refusal whose body is cut or too long.
      const bytes = await readBounded(response.body, maxBytes).catch((error: unknown) => {
        if (response.ok || signal.aborted) throw error;
        return new Uint8Array();
      });
      return { ok: response.ok, status: response.status, headers: response.headers, bytes };
    } catch (error) {
      if (call.signal?.aborted) throw call.signal.reason;
      if (limit.aborted) throw timeoutError(provider, timeoutMs, call.repeatable);
      if (error instanceof AnswerTooLarge) throw badAnswer(provider, call.repeatable);
      throw connectionError(provider, error, call.repeatable);
    }
  }

  private statusError(answer: Answer): ProviderError {
    return statusError(this.options.provider, answer.status, answer.headers, Date.now());
  }
}

const isRepeatable = (request: OwnRequest): boolean =>
  request.repeatable ?? request.method === "GET";

const isOk = (status: number): boolean => status >= 200 && status < 300;

/** The same bytes; what breaks them becomes the error that callers know. By hand: it is passed for each piece of a stream. */
function guarded(
  body: AsyncIterable<Uint8Array>,
  broken: (error: unknown) => unknown,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const source = body[Symbol.asyncIterator]();
      return {
        next: () =>
          source.next().catch((error: unknown) => {
            throw broken(error);
          }),
        return: async () => {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

interface Answer {
  ok: boolean;
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

function parseJson(bytes: Uint8Array): { readable: boolean; value: unknown } {
  try {
    return { readable: true, value: JSON.parse(new TextDecoder().decode(bytes)) as unknown };
  } catch {
    return { readable: false, value: null };
  }
}
