import { expect } from "@jest/globals";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { inspect } from "node:util";
import {
  createProviderGuard,
  type ProviderGuard,
  type ProviderGuardOptions,
} from "../../src/platform/resilience/guard.ts";
import { ProviderError } from "../../src/platform/resilience/provider-error.ts";
import type { Behaviour } from "../support/stubs/index.ts";

/** Longer than TIMEOUT_MS. */
const SLOW_MS = 2_000;
export const TIMEOUT_MS = 800;

export interface Fault {
  name: string;
  behaviour: Behaviour;
  expected: Partial<Pick<ProviderError, "outcome" | "code" | "status" | "retryAfterMs">>;
}

const fault = (name: string, behaviour: Behaviour, expected: Fault["expected"]): Fault => ({
  name,
  behaviour,
  expected,
});

const misconfigured = { outcome: "misconfigured", code: "PROVIDER_MISCONFIGURED" } as const;
const unavailable = { outcome: "retryable", code: "PROVIDER_UNAVAILABLE" } as const;
const limited = { outcome: "retryable", code: "PROVIDER_RATE_LIMITED" } as const;

/** What every provider can do to a request; `lost` is what an answer that did not arrive means. */
export function everyFault(lost: "unknown" | "retryable"): Fault[] {
  const gone = lost === "unknown" ? "PROVIDER_ANSWER_LOST" : "PROVIDER_UNAVAILABLE";
  const unreadable = { outcome: lost, code: "PROVIDER_BAD_ANSWER" } as const;
  return [
    fault("401", { status: 401 }, { ...misconfigured, status: 401 }),
    fault("402, no money left", { status: 402 }, { ...misconfigured, status: 402 }),
    fault("403", { status: 403 }, misconfigured),
    fault("404", { status: 404 }, misconfigured),
    fault("409", { status: 409 }, unavailable),
    fault("422", { status: 422 }, { outcome: "refused_input", code: "PROVIDER_REJECTED" }),
    fault("429", { status: 429 }, limited),
    fault(
      "429 with seconds to wait",
      { status: 429, headers: { "retry-after": "7" } },
      { ...limited, retryAfterMs: 7_000 },
    ),
    fault("500", { status: 500 }, { ...unavailable, status: 500 }),
    fault("503 of a proxy", { status: 503, body: "<html>Service unavailable</html>" }, unavailable),
    fault("redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, misconfigured),
    fault("slow", { delayMs: SLOW_MS }, { outcome: lost, code: "PROVIDER_TIMEOUT" }),
    fault("cut before reading", { cut: "before" }, { outcome: lost, code: gone }),
    fault("cut in the answer", { cut: "mid" }, { outcome: lost, code: gone }),
    fault("cut after the work", { cut: "after" }, { outcome: lost, code: gone }),
    fault("no JSON", { status: 200, body: "{oops}" }, unreadable),
    fault("half JSON", { status: 200, body: '{"output":[' }, unreadable),
    fault("empty answer", { status: 200, body: "" }, unreadable),
    fault("3 MB of answer", { status: 200, body: `"${"x".repeat(3_000_000)}"` }, { outcome: lost }),
    fault("other JSON", { status: 200, body: { hello: "world" } }, unreadable),
  ];
}

/** A guard that neither repeats nor opens, so that a single answer can be looked at. */
export const plainGuard = (
  provider: string,
  options: Partial<ProviderGuardOptions> = {},
): ProviderGuard =>
  createProviderGuard({
    provider,
    timeoutMs: TIMEOUT_MS,
    concurrency: 8,
    maxQueue: 8,
    breaker: { failures: 1_000, halfOpenAfterMs: 60_000 },
    retries: 0,
    backoffMs: 1,
    ...options,
  });

/** Runs a call that must fail, and checks that its error tells no secret. */
export async function failure(call: Promise<unknown>, secrets: string[]): Promise<ProviderError> {
  const error = await call.then(
    () => new Error("The call succeeded."),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw error;
  const told = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 9 })];
  for (const secret of secrets) expect(told.join("\n")).not.toContain(secret);
  return error;
}

/** An address on which nothing listens. */
export async function nobody(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
