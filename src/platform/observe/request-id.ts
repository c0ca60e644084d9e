import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

const current = new AsyncLocalStorage<string>();

/** The client's own id of a request (header `x-request-id`) when it is harmless, else a new one. */
export function requestIdOf(request: { headers: IncomingHttpHeaders }): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Runs `work` on behalf of a request. */
export const withRequestId = <T>(requestId: string, work: () => T): T =>
  current.run(requestId, work);

/** The request that is being answered, for code that is not told. */
export const currentRequestId = (): string => current.getStore() ?? "unknown";
