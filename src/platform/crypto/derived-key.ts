import { hkdfSync } from "node:crypto";

/** A 256-bit key for one purpose, so that no two uses of the secret key share key material. */
export const derivedKey = (secret: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, "", `facet ${purpose}`, 32));
