import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A signed time may be this far from now, in the past as in the future. */
const TOLERANCE_SECONDS = 300;

/** Whether a signature holds; the reason is for the log. */
export type SignatureCheck =
  { readonly ok: true } | { readonly ok: false; readonly reason: string };

const VALID: SignatureCheck = { ok: true };
const invalid = (reason: string): SignatureCheck => ({ ok: false, reason });

/**
 * Checks a header `t=<unix seconds>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 over `{t}.{body}`. One of its signatures must be
 * of one of the secrets, and its time within five minutes of now.
 * @param secrets used as they are, in UTF-8; more than one while they are rotated
 */
export function checkTimestampedSignature(
  header: string | readonly string[] | undefined,
  rawBody: Buffer,
  secrets: readonly string[],
  now: Date,
): SignatureCheck {
  if (typeof header !== "string") return invalid("no signature");
  const parts = header.split(",").map((part) => part.trim());
  const [time, ...furtherTimes] = valuesOf(parts, "t=");
  if (time === undefined || furtherTimes.length > 0) return invalid("malformed signature");
  const timeFault = faultOfTime(time, now);
  if (timeFault !== null) return invalid(timeFault);
  const given = valuesOf(parts, "v1=").map((hex) => Buffer.from(hex, "hex"));
  const expected = secrets.map((secret) => hmac(secret, `${time}.`, rawBody));
  return anyEqual(given, expected) ? VALID : invalid("wrong signature");
}

/** The header that `checkTimestampedSignature` accepts. */
export function timestampedSignature(rawBody: Buffer, secret: string, at: Date): string {
  const time = Math.floor(at.getTime() / 1000);
  return `t=${time},v1=${hmac(secret, `${time}.`, rawBody).toString("hex")}`;
}

/**
 * Checks the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` as Standard Webhooks 1.0 defines them:
 * HMAC-SHA256 in base64 over `{id}.{timestamp}.{body}`, its time within five minutes of now.
 * @param keys by `standardWebhookKey`; more than one while they are rotated
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function checkStandardWebhook(
  headers: IncomingHttpHeaders,
  rawBody: Buffer,
  keys: readonly Buffer[],
  now: Date,
): SignatureCheck {
  const id = headers["webhook-id"];
  const time = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (typeof id !== "string" || typeof time !== "string" || typeof signatures !== "string") {
    return invalid("no signature");
  }
  const timeFault = faultOfTime(time, now);
  if (timeFault !== null) return invalid(timeFault);
  const given = valuesOf(signatures.split(" "), "v1,").map((text) => Buffer.from(text, "base64"));
  const expected = keys.map((key) => hmac(key, `${id}.${time}.`, rawBody));
  return anyEqual(given, expected) ? VALID : invalid("wrong signature");
}

/** The headers that `checkStandardWebhook` accepts. */
export function standardWebhookHeaders(
  id: string,
  rawBody: Buffer,
  key: Buffer,
  at: Date,
): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  const time = String(Math.floor(at.getTime() / 1000));
  const signature = hmac(key, `${id}.${time}.`, rawBody).toString("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": time,
    "webhook-signature": `v1,${signature}`,
  };
}

/** The key in a secret such as `whsec_<base64>`. @throws Error when there is none in it */
export function standardWebhookKey(secret: string): Buffer {
  const text = secret.replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Error("A webhook secret is not base64.");
  return Buffer.from(text, "base64");
}

const valuesOf = (parts: readonly string[], prefix: string): string[] =>
  parts.filter((part) => part.startsWith(prefix)).map((part) => part.slice(prefix.length));

const hmac = (key: string | Buffer, prefix: string, rawBody: Buffer): Buffer =>
  createHmac("sha256", key).update(prefix).update(rawBody).digest();

function faultOfTime(time: string, now: Date): string | null {
  if (!/^\d{1,12}$/.test(time)) return "malformed time";
  const ageSeconds = now.getTime() / 1000 - Number(time);
  if (ageSeconds > TOLERANCE_SECONDS) return "signed too long ago";
  return ageSeconds < -TOLERANCE_SECONDS ? "signed in the future" : null;
}

/** Two texts in hex or base64 that mean the same bytes are the same signature. */
const anyEqual = (given: readonly Buffer[], expected: readonly Buffer[]): boolean =>
  given.some((mine) =>
    expected.some((one) => mine.length === one.length && timingSafeEqual(mine, one)),
  );
