import type { IncomingHttpHeaders } from "node:http";
import { equalInConstantTime } from "../../platform/crypto/tokens.ts";
import {
  checkTimestampedSignature,
  type SignatureCheck,
} from "../../platform/crypto/webhook-signatures.ts";

/** What RevenueCat proves itself by; at least one of them. Whatever is set is required of each delivery. */
export interface RevenueCatSecrets {
  /** The whole `Authorization` header that was entered for the webhook. */
  readonly authorization?: string;
  /** Secrets of the signature; two while they are rotated. */
  readonly signingSecrets?: readonly string[];
}

/**
 * Judges webhooks of RevenueCat by their `Authorization` and `X-RevenueCat-Webhook-Signature`.
 * @throws Error when there is nothing to judge by, or a secret is empty
 */
export function revenueCatSignatureCheck({
  authorization,
  signingSecrets = [],
}: RevenueCatSecrets) {
  const all = [...signingSecrets, ...(authorization === undefined ? [] : [authorization])];
  if (all.length === 0 || all.includes("")) {
    throw new Error("A RevenueCat webhook secret is missing.");
  }
  return (rawBody: Buffer, headers: IncomingHttpHeaders, now: Date): SignatureCheck => {
    if (
      authorization !== undefined &&
      !equalInConstantTime(headers.authorization ?? "", authorization)
    ) {
      return { ok: false, reason: "wrong authorization" };
    }
    if (signingSecrets.length === 0) return { ok: true };
    const signature = headers["x-revenuecat-webhook-signature"];
    return checkTimestampedSignature(signature, rawBody, signingSecrets, now);
  };
}
