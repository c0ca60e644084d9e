import { createHash } from "node:crypto";

/** The S256 challenge of a PKCE verifier: base64url of its SHA-256 (RFC 7636 §4.2). */
export const pkceChallenge = (verifier: string): string =>
  createHash("sha256").update(verifier, "ascii").digest("base64url");
