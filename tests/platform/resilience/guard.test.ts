import { beforeEach, describe, expect, test } from "@jest/globals";
import { statusError } from "../../../src/platform/resilience/classify.ts";
import {
  createProviderGuard,
  type ProviderGuardOptions,
} from "../../../src/platform/resilience/guard.ts";
import { onBehalfOf } from "../../../src/platform/resilience/on-behalf.ts";
import { OutageBreaker } from "../../../src/platform/resilience/outage-breaker.ts";
import {
  ProviderError,
  type ProviderOutcome,
} from "../../../src/platform/resilience/provider-error.ts";

const fault = (outcome: ProviderOutcome, retryAfterMs?: number) =>
  new ProviderError({ provider: "acme", outcome, code: "TEST", message: "Test.", retryAfterMs });

const rateLimit = () =>
  statusError("acme", 429, new Headers({ "retry-after-ms": "1" }), Date.now());

function guardWith(options: Partial<ProviderGuardOptions> = {}) {
  const calls: string[] = [];
  const states: string[] = [];
  const guard = createProviderGuard({
    provider: "acme",
    timeoutMs: 1_000,
    concurrency: 4,
    maxQueue: 4,
    breaker: { failures: 5, halfOpenAfterMs: 10_000 },
    retries: 2,
    backoffMs: 1,
    metrics: {
      onCall: ({ operation, outcome }) => calls.push(`${operation}:${outcome}`),
      onBreaker: ({ state }) => states.push(state),
    },
    ...options,
  });
  const fail = (outcome: ProviderOutcome) =>
    guard
      .run({ operation: "call", repeatable: true, retries: 0 }, () =>
        Promise.reject(fault(outcome)),
      )
      .catch((error: unknown) => error as ProviderError);
  const limit = () =>
    guard
      .run({ operation: "call", repeatable: true, retries: 0 }, () => Promise.reject(rateLimit()))
      .catch((error: unknown) => error as ProviderError);
  return { guard, calls, states, fail, limit };
}
const CALL = { operation: "call", repeatable: true };

/** An attempt that settles only by its signal. */
const hang = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });

test("repeats retryable failures only, as often as it was told", async () => {
  const expected: [ProviderOutcome, number][] = [
    ["retryable", 3],
    ["unknown", 1],
    ["refused_input", 1],
    ["misconfigured", 1],
  ];
  for (const [outcome, attempts] of expected) {
    const { guard, calls } = guardWith();
    await expect(guard.run(CALL, () => Promise.reject(fault(outcome)))).rejects.toMatchObject({
      outcome,
    });
    expect(calls).toEqual(Array(attempts).fill(`call:${outcome}`));
  }
});

test("a later attempt may succeed, and a bug of ours is not repeated", async () => {
  const { guard, calls } = guardWith();
  let attempts = 0;
  const flaky = () =>
    ++attempts < 3 ? Promise.reject(fault("retryable")) : Promise.resolve("done");
  expect(await guard.run(CALL, flaky)).toBe("done");
  expect(calls).toEqual(["call:retryable", "call:retryable", "call:ok"]);
  await expect(guard.run(CALL, () => Promise.reject(new RangeError("bug")))).rejects.toThrow(
    RangeError,
  );
});

test("waits as long as the provider asks, else between zero and a doubling ceiling", async () => {
  const asked = guardWith({ retries: 1, backoffMs: 60_000 });
  const startedAt = performance.now();
  let attempts = 0;
  await asked.guard.run(CALL, () =>
    ++attempts === 1 ? Promise.reject(fault("retryable", 80)) : Promise.resolve(),
  );
  const waitedMs = performance.now() - startedAt;
  expect(waitedMs).toBeGreaterThanOrEqual(75);
  expect(waitedMs).toBeLessThan(2_000);

  const jitter = guardWith({ retries: 3, backoffMs: 60_000, random: () => 0 });
  await expect(jitter.guard.run(CALL, () => Promise.reject(fault("retryable")))).rejects.toThrow();
  expect(jitter.calls).toHaveLength(4);
});

test("a timeout is retryable when repeating is free and unknown when it is not", async () => {
  const { guard, calls } = guardWith({ timeoutMs: 20, retries: 1 });
  await expect(guard.run({ operation: "poll", repeatable: true }, hang)).rejects.toMatchObject({
    outcome: "retryable",
    code: "PROVIDER_TIMEOUT",
  });
  await expect(guard.run({ operation: "pay", repeatable: false }, hang)).rejects.toMatchObject({
    outcome: "unknown",
    code: "PROVIDER_TIMEOUT",
  });
  // Also when the attempt ignores its signal.
  await expect(
    guard.run({ operation: "deaf", repeatable: false }, () => new Promise(() => undefined)),
  ).rejects.toMatchObject({ outcome: "unknown" });
  expect(calls).toEqual(["poll:retryable", "poll:retryable", "pay:unknown", "deaf:unknown"]);
});

test("an abort ends the call at once: running, waiting for a place, or pausing", async () => {
  const { guard } = guardWith({ concurrency: 1, backoffMs: 60_000, random: () => 1, retries: 1 });
  const stop = new AbortController();
  const call = { ...CALL, signal: stop.signal };
  let innerAborted = false;
  const running = guard.run(call, (signal) => {
    signal.addEventListener("abort", () => (innerAborted = true));
    return hang(signal);
  });
  const waiting = guard.run(call, () => Promise.resolve("never"));
  const pausing = guardWith({ backoffMs: 60_000, random: () => 1 }).guard.run(call, () =>
    Promise.reject(fault("retryable")),
  );
  const reason = new Error("canceled by the user");
  setImmediate(() => stop.abort(reason));
  for (const one of [running, waiting, pausing]) await expect(one).rejects.toBe(reason);
  expect(innerAborted).toBe(true);
  await expect(guard.run(call, () => Promise.resolve())).rejects.toBe(reason);
  expect(await guard.run(CALL, () => Promise.resolve("free again"))).toBe("free again");
});

test("runs at most `concurrency` at once and refuses what does not fit into the queue", async () => {
  const { guard } = guardWith({ concurrency: 2, maxQueue: 3 });
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await gate.promise;
    running -= 1;
  };
  const accepted = Array.from({ length: 5 }, () => guard.run(CALL, work));
  await expect(guard.run(CALL, work)).rejects.toMatchObject({
    outcome: "retryable",
    code: "PROVIDER_BUSY",
  });
  gate.resolve();
  await Promise.all(accepted);
  expect(most).toBe(2);
});

test("the breaker opens, refuses without calling, lets one probe through, and closes", async () => {
  const { guard, states, fail } = guardWith({ breaker: { failures: 3, halfOpenAfterMs: 30 } });
  for (let index = 0; index < 3; index += 1) await fail("retryable");
  expect(guard.breakerState).toBe("open");
  let called = false;
  const probe = () => {
    called = true;
    return Promise.resolve("alive");
  };
  const refused = guard.run({ ...CALL, retries: 0 }, probe);
  await expect(refused).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    outcome: "retryable",
    retryAfterMs: 30,
  });
  expect(called).toBe(false);
  await until(() =>
    guard.run({ ...CALL, retries: 0 }, probe).then(
      () => true,
      () => false,
    ),
  );
  expect(states).toEqual(["open", "half_open", "closed"]);
});

test("only the provider's own trouble counts towards the breaker", async () => {
  const { guard, fail } = guardWith({ breaker: { failures: 2, halfOpenAfterMs: 60_000 } });
  for (const outcome of ["refused_input", "misconfigured", "refused_input"] as const)
    await fail(outcome);
  expect(guard.breakerState).toBe("closed");
  await fail("unknown");
  await fail("retryable");
  expect(guard.breakerState).toBe("open");
});

test("rate limits neither open the breaker nor count towards it", async () => {
  const { guard, fail, limit } = guardWith({ breaker: { failures: 2, halfOpenAfterMs: 60_000 } });
  await fail("retryable");
  for (let index = 0; index < 20; index += 1) await limit();
  expect(guard.breakerState).toBe("closed");
  await fail("retryable");
  expect(guard.breakerState).toBe("open");
});

test("a rate limit told to a probe does not close the breaker, the next good answer does", async () => {
  const { guard, states, fail, limit } = guardWith({
    breaker: { failures: 1, halfOpenAfterMs: 20 },
  });
  await fail("retryable");
  await until(async () => (await limit()).status === 429);
  expect(states).toEqual(["open", "half_open", "open"]);
  await until(() =>
    guard.run({ ...CALL, retries: 0 }, () => Promise.resolve(true)).catch(() => false),
  );
  expect(guard.breakerState).toBe("closed");
});

test("a call from before the outage decides nothing for the probe", async () => {
  const { guard, fail, limit } = guardWith({ breaker: { failures: 1, halfOpenAfterMs: 20 } });
  const late = Promise.withResolvers<never>();
  const old = guard.run({ ...CALL, retries: 0 }, () => late.promise);
  await fail("retryable");
  const probe = Promise.withResolvers<string>();
  const probing = await until(async () => {
    const call = guard.run({ ...CALL, retries: 0 }, () => probe.promise);
    if (guard.breakerState === "half_open") return [call];
    await call.catch(() => undefined);
    return null;
  });
  late.reject(rateLimit());
  await expect(old).rejects.toMatchObject({ status: 429 });
  expect(guard.breakerState).toBe("half_open");
  probe.resolve("alive");
  expect(await Promise.all(probing)).toEqual(["alive"]);
  expect(guard.breakerState).toBe("closed");
  expect((await limit()).status).toBe(429);
});

test("a refusal says whether the provider has seen anything of the call", async () => {
  const { guard, fail } = guardWith({ breaker: { failures: 1, halfOpenAfterMs: 60_000 } });
  const sent = guard.run(CALL, () => Promise.reject(fault("retryable")));
  await expect(sent).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE", shed: false });
  expect(await fail("retryable")).toMatchObject({ code: "PROVIDER_UNAVAILABLE", shed: true });

  const full = guardWith({ concurrency: 1, maxQueue: 0 });
  const gate = Promise.withResolvers<void>();
  const running = full.guard.run(CALL, () => gate.promise);
  expect(await full.fail("retryable")).toMatchObject({ code: "PROVIDER_BUSY", shed: true });
  gate.resolve();
  await running;
  expect(await full.fail("retryable")).toMatchObject({ code: "TEST", shed: false });
});

test("a cancelled probe does not close a half-open breaker", async () => {
  const { guard, fail } = guardWith({ breaker: { failures: 1, halfOpenAfterMs: 20 } });
  await fail("retryable");
  const stop = new AbortController();
  const probed = Promise.withResolvers<void>();
  await until(async () => {
    const probe = guard.run({ ...CALL, retries: 0, signal: stop.signal }, (signal) => {
      probed.resolve();
      return hang(signal);
    });
    return Promise.race([probed.promise.then(() => true), probe.catch(() => false)]);
  });
  stop.abort();
  await until(() => Promise.resolve(guard.breakerState === "open"));
});

test("the attempts of one call count once, and so do the calls of one job", async () => {
  const { guard, calls, fail } = guardWith({
    breaker: { failures: 3, halfOpenAfterMs: 60_000 },
    concurrency: 1,
    maxQueue: 20,
  });
  await expect(guard.run(CALL, () => Promise.reject(fault("retryable")))).rejects.toThrow();
  // At once: those that wait for their place go on where another one has ended.
  await Promise.all(Array.from({ length: 10 }, () => onBehalfOf("job_1", () => fail("retryable"))));
  expect(calls).toHaveLength(13);
  expect(guard.breakerState).toBe("closed");
  await onBehalfOf("job_2", () => fail("retryable"));
  expect(guard.breakerState).toBe("open");
});

describe("an outage of few calls", () => {
  let nowMs: number;
  let caller: string;
  let othersCall: boolean;
  let breaker: OutageBreaker;
  beforeEach(() => {
    nowMs = 0;
    othersCall = false;
    const callers = { current: () => caller, hasOthers: () => othersCall };
    breaker = new OutageBreaker(10, callers, () => nowMs);
  });
  const failsAt = (ms: number, by = "job_1"): boolean => {
    nowMs = ms;
    caller = by;
    return breaker.failure();
  };

  test("four seconds of nothing but failures open the breaker", () => {
    expect(failsAt(0)).toBe(false);
    expect(failsAt(2_000, "job_2")).toBe(false);
    othersCall = true;
    expect(failsAt(4_000, "job_3")).toBe(true);
    breaker.success();
    expect(failsAt(4_500)).toBe(false);
  });

  test("so do those of a single job, unless somebody else waits for an answer", () => {
    othersCall = true;
    expect([0, 2_000, 4_000, 6_000].map((ms) => failsAt(ms))).toEqual(Array(4).fill(false));
    othersCall = false;
    expect(failsAt(6_500)).toBe(true);
  });

  test("a success of anybody begins the count anew", () => {
    [0, 1_000, 2_000, 3_900].forEach((ms) => failsAt(ms));
    breaker.success();
    expect([4_000, 5_000, 7_900].map((ms) => failsAt(ms))).toEqual([false, false, false]);
    expect(failsAt(8_000)).toBe(true);
  });
});

async function until<T>(condition: () => Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const met = await condition();
    if (met) return met;
    if (Date.now() > deadline) throw new Error("The condition did not come true in 5 s.");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
