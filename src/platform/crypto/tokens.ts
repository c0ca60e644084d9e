import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A fresh secret of 256 random bits, URL-safe, 43 characters. */
export const randomToken = (): string => randomBytes(32).toString("base64url");

/** Whether a text has the form of `randomToken`. */
export const isRandomToken = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** What is stored of a random token: its SHA-256 in hex. Enough, because the token has full entropy. */
export const hashToken = (token: string): string =>
  createHash("sha256").update(token).digest("hex");

/** HMAC-SHA256 in URL-safe base64. */
export const sign = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("base64url");

/** Compares two texts in a time that does not depend on where they differ. */
export function equalInConstantTime(left: string, right: string): boolean {
  const a = createHash("sha256").update(left).digest();
  const b = createHash("sha256").update(right).digest();
  return timingSafeEqual(a, b);
}
