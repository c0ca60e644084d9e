import { expect, test } from "@jest/globals";
import {
  classifyStatus,
  parseRetryAfter,
  wasNeverSent,
} from "../../../src/platform/resilience/classify.ts";
import { publicHttpsUrl } from "../../../src/platform/http/public-url.ts";

test("statuses fall into the four outcomes", () => {
  const outcomes = (statuses: number[]) => [
    ...new Set(statuses.map((one) => classifyStatus(one).outcome)),
  ];
  expect(outcomes([408, 409, 425, 429, 500, 502, 503, 504, 529])).toEqual(["retryable"]);
  expect(outcomes([301, 302, 401, 402, 403, 404, 405])).toEqual(["misconfigured"]);
  expect(outcomes([400, 413, 415, 422])).toEqual(["refused_input"]);
  expect(classifyStatus(429).code).toBe("PROVIDER_RATE_LIMITED");
});

test("reads how long to wait in each of its three forms, at most a minute", () => {
  const now = Date.parse("2026-03-01T10:00:00Z");
  const wait = (headers: Record<string, string>) => parseRetryAfter(new Headers(headers), now);
  expect(wait({ "retry-after": "7" })).toBe(7_000);
  expect(wait({ "retry-after": "0" })).toBe(0);
  expect(wait({ "retry-after": "3600" })).toBe(60_000);
  expect(wait({ "retry-after": "Sun, 01 Mar 2026 10:00:05 GMT" })).toBe(5_000);
  expect(wait({ "retry-after": "Sun, 01 Mar 2026 09:00:00 GMT" })).toBe(0);
  expect(wait({ "retry-after-ms": "50.5", "retry-after": "9" })).toBe(51);
  expect(wait({ "retry-after": "soon" })).toBeUndefined();
  expect(wait({})).toBeUndefined();
});

test("knows which broken connections cannot have carried a request", () => {
  const failed = (cause: unknown) => new TypeError("fetch failed", { cause });
  const coded = (fields: object) => Object.assign(new Error("x"), fields);
  expect(wasNeverSent(failed(coded({ code: "ECONNREFUSED" })))).toBe(true);
  expect(wasNeverSent(failed(coded({ code: "ECONNRESET", syscall: "connect" })))).toBe(true);
  expect(wasNeverSent(failed(new AggregateError([coded({ code: "ECONNREFUSED" })])))).toBe(true);
  expect(wasNeverSent(failed(coded({ code: "ECONNRESET", syscall: "read" })))).toBe(false);
  expect(
    wasNeverSent(failed(coded({ code: "UND_ERR_SOCKET", socket: { bytesWritten: 231 } }))),
  ).toBe(false);
  expect(wasNeverSent(new TypeError("terminated"))).toBe(false);
});

test("only public https addresses by name are accepted", () => {
  for (const good of ["https://shop.example/p/1?x=1", "https://www.sephora.com/a"]) {
    expect(publicHttpsUrl(good)?.href).toBe(good);
  }
  const bad = [
    "http://shop.example/",
    "https://localhost/",
    "https://a.localhost./",
    "https://127.0.0.1/",
    "https://0x7f000001/",
    "https://[::1]/",
    "https://169.254.169.254/latest",
    "https://user:pw@shop.example/",
    "https://shop.example:8443/",
    "https://intranet/",
    "https://db.internal/",
    "javascript:alert(1)",
    "data:text/html,x",
    "not a url",
    "",
  ];
  for (const one of bad) expect([one, publicHttpsUrl(one)]).toEqual([one, null]);
});
