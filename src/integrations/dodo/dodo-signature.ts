import type { IncomingHttpHeaders } from "node:http";
import {
  checkStandardWebhook,
  standardWebhookKey,
  type SignatureCheck,
} from "../../platform/crypto/webhook-signatures.ts";

/**
 * Judges webhooks of Dodo Payments, which are Standard Webhooks.
 * @param secrets `whsec_…`; Dodo signs with the old one for another 24 hours when it is rotated
 * @throws Error when there is no secret, or one is not base64
 */
export function dodoSignatureCheck(secrets: readonly string[]) {
  if (secrets.length === 0) throw new Error("A Dodo webhook secret is missing.");
  const keys = secrets.map(standardWebhookKey);
  return (rawBody: Buffer, headers: IncomingHttpHeaders, now: Date): SignatureCheck =>
    checkStandardWebhook(headers, rawBody, keys, now);
}
