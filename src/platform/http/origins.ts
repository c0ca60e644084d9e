/** Whether a request with this Origin header may be answered; apps outside a browser send none. */
export type OriginRule = (origin: string | undefined) => boolean;

const MAX_AGE_SECONDS = 600;

/** Allows the server's own origin, the listed ones, and requests without an Origin. */
export function originRule(publicUrl: string, allowed: readonly string[]): OriginRule {
  const own = new URL(publicUrl);
  const origins = new Set([own.origin, ...allowed]);
  // The same server under its other loopback names.
  if (own.hostname === "localhost" || own.hostname === "127.0.0.1") {
    for (const host of ["localhost", "127.0.0.1"]) {
      origins.add(`${own.protocol}//${host}${own.port === "" ? "" : `:${own.port}`}`);
    }
  }
  return (origin) => origin === undefined || origins.has(origin);
}

/** What a browser needs to hear before it lets a page of that origin call. */
export const corsHeaders = (origin: string): Record<string, string> => ({
  "access-control-allow-origin": origin,
  "access-control-allow-methods": "GET, POST, PUT, OPTIONS",
  "access-control-allow-headers":
    "authorization, content-type, x-request-id, apollo-require-preflight, x-apollo-operation-name, accept-language",
  "access-control-max-age": String(MAX_AGE_SECONDS),
  vary: "Origin",
});
