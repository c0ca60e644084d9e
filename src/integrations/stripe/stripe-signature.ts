import type { IncomingHttpHeaders } from "node:http";
import {
  checkTimestampedSignature,
  type SignatureCheck,
} from "../../platform/crypto/webhook-signatures.ts";

/**
 * Judges webhooks of Stripe by their `Stripe-Signature`. Own code instead of the SDK's, which lets a signature dated in
 * the future pass.
 * @param secrets of the endpoint, `whsec_…`, used whole; the old one may stay beside the new one while it is rotated
 * @throws Error when there is no secret
 */
export function stripeSignatureCheck(secrets: readonly string[]) {
  if (secrets.length === 0 || secrets.some((secret) => !/^\S+$/.test(secret))) {
    throw new Error("A Stripe webhook secret is missing or contains blanks.");
  }
  return (rawBody: Buffer, headers: IncomingHttpHeaders, now: Date): SignatureCheck =>
    checkTimestampedSignature(headers["stripe-signature"], rawBody, secrets, now);
}
