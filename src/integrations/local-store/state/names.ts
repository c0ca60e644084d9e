import { createHmac, randomBytes } from "node:crypto";

const BUYER_PART = /^(?:cus|sub|pay|cs|cks)_([0-9a-f]{24})(?:_|$)/;

/** Makes the ids of the local store. Each begins with the part that names its buyer; without the secret none can be guessed. */
export class Names {
  constructor(private readonly secret: string) {}

  /** The customer that a user is; always the same one. */
  customerOf(userId: string): string {
    return `cus_${this.hash(`customer ${userId}`)}`;
  }

  /** A checkout; the same one for the same key. */
  checkout(prefix: "cs" | "cks", customerId: string, key: string): string {
    return `${prefix}_${customerId.slice(4)}_${this.hash(`checkout ${customerId} ${key}`)}`;
  }

  /** What the forms of a page carry, so that no other page can post in its place. */
  formToken(path: string): string {
    return this.hash(`form ${path}`);
  }

  private hash(text: string): string {
    return createHmac("sha256", this.secret).update(text).digest("hex").slice(0, 24);
  }
}

/** Of which customer a checkout, payment or subscription is; null when it is none of ours. */
export function customerIn(id: string): string | null {
  const part = BUYER_PART.exec(id)?.[1];
  return part === undefined ? null : `cus_${part}`;
}

/** A new id of something of a customer. */
export const newName = (prefix: "sub" | "pay", customerId: string): string =>
  `${prefix}_${customerId.slice(4)}_${randomName()}`;

/** A text that nothing else has. */
export const randomName = (): string => randomBytes(9).toString("hex");
