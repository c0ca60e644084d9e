import { PROVIDER_CODES, ProviderError, type ProviderOutcome } from "./provider-error.ts";

/** The longest wait that a provider may impose on us. */
export const MAX_RETRY_AFTER_MS = 60_000;

export interface StatusClass {
  outcome: ProviderOutcome;
  code: string;
}

const MISCONFIGURED = new Set([401, 402, 403, 404, 405, 410]);
const RETRYABLE = new Set([408, 409, 425, 429]);

/** What an HTTP status other than 2xx means for the caller. */
export function classifyStatus(status: number): StatusClass {
  if (status === 429) return { outcome: "retryable", code: PROVIDER_CODES.rateLimited };
  if (RETRYABLE.has(status) || status >= 500) {
    return { outcome: "retryable", code: PROVIDER_CODES.unavailable };
  }
  // A redirect would carry the key to another host: it is never followed.
  if (MISCONFIGURED.has(status) || status < 400) {
    return { outcome: "misconfigured", code: PROVIDER_CODES.misconfigured };
  }
  return { outcome: "refused_input", code: PROVIDER_CODES.rejected };
}

/**
 * Reads `retry-after-ms`, then `retry-after` (seconds or an HTTP date).
 * @returns milliseconds from 0 to MAX_RETRY_AFTER_MS, or undefined when absent or unreadable.
 */
export function parseRetryAfter(
  headers: { get(name: string): string | null },
  nowMs: number,
): number | undefined {
  const exact = toNumber(headers.get("retry-after-ms"));
  if (exact !== undefined) return capped(exact);
  const text = headers.get("retry-after")?.trim();
  if (!text) return undefined;
  const seconds = toNumber(text);
  if (seconds !== undefined) return capped(seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : capped(date - nowMs);
}

const capped = (ms: number): number => Math.min(Math.max(Math.ceil(ms), 0), MAX_RETRY_AFTER_MS);

function toNumber(text: string | null): number | undefined {
  if (text === null || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined;
  return Number(text);
}

const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** True when the connection failed so early that the provider cannot have seen the request. */
export function wasNeverSent(error: unknown): boolean {
  for (const link of causes(error)) {
    const { code, syscall, socket } = link as {
      code?: unknown;
      syscall?: unknown;
      socket?: { bytesWritten?: unknown };
    };
    if (typeof code === "string" && NEVER_SENT.has(code)) return true;
    if (syscall === "connect" || syscall === "getaddrinfo") return true;
    if (code === "UND_ERR_SOCKET" && socket?.bytesWritten === 0) return true;
    if (link instanceof AggregateError && link.errors.length > 0) {
      return link.errors.every((inner) => wasNeverSent(inner));
    }
  }
  return false;
}

function* causes(error: unknown): Generator<object> {
  let link = error;
  for (let depth = 0; depth < 8 && typeof link === "object" && link !== null; depth += 1) {
    yield link;
    link = (link as { cause?: unknown }).cause;
  }
}

/**
 * Turns a broken connection into a ProviderError. The text of the original is dropped: it may
 * hold a signed URL.
 * @param repeatable false for a paid or otherwise unrepeatable request
 */
export function connectionError(
  provider: string,
  error: unknown,
  repeatable: boolean,
): ProviderError {
  if (repeatable || wasNeverSent(error)) {
    return new ProviderError({
      provider,
      outcome: "retryable",
      code: PROVIDER_CODES.unavailable,
      message: `The connection to ${provider} failed.`,
    });
  }
  return answerLost(provider);
}

/** The request was sent and nobody knows what became of it. */
export function answerLost(provider: string): ProviderError {
  return new ProviderError({
    provider,
    outcome: "unknown",
    code: PROVIDER_CODES.answerLost,
    message: `The answer of ${provider} was lost.`,
  });
}

/** No answer in time: may be repeated only when repeating costs nothing. */
export function timeoutError(
  provider: string,
  timeoutMs: number,
  repeatable: boolean,
): ProviderError {
  return new ProviderError({
    provider,
    outcome: repeatable ? "retryable" : "unknown",
    code: PROVIDER_CODES.timeout,
    message: `${provider} did not answer within ${timeoutMs} ms.`,
  });
}

/** An answer came, but not one that its protocol allows. */
export function badAnswer(provider: string, repeatable: boolean, status?: number): ProviderError {
  return new ProviderError({
    provider,
    outcome: repeatable ? "retryable" : "unknown",
    code: PROVIDER_CODES.badAnswer,
    message: `${provider} sent an answer that cannot be read.`,
    status,
  });
}

/** The error of an HTTP answer that is not 2xx. */
export function statusError(
  provider: string,
  status: number,
  headers: { get(name: string): string | null },
  nowMs: number,
): ProviderError {
  const { outcome, code } = classifyStatus(status);
  return new ProviderError({
    provider,
    outcome,
    code,
    status,
    retryAfterMs: outcome === "retryable" ? parseRetryAfter(headers, nowMs) : undefined,
    message: `${provider} answered with status ${status}.`,
  });
}
