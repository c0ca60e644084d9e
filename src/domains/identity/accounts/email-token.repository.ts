import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** What the link in a mail allows. */
export type EmailTokenPurpose = "VERIFY_EMAIL" | "RESET_PASSWORD" | "LINK_EMAIL";

export interface NewEmailToken {
  readonly tokenHash: string;
  readonly userId: string;
  readonly purpose: EmailTokenPurpose;
  readonly email: string;
  /** The password that becomes valid with the token; null keeps the one that is. */
  readonly passwordHash: string | null;
  readonly expiresAt: Date;
}

/** Reads and writes `email_tokens`. */
export class EmailTokenRepository {
  async add(tx: Tx, token: NewEmailToken): Promise<void> {
    await tx.execute(
      `insert into email_tokens (token_hash, user_id, purpose, email, password_hash, expires_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        token.tokenHash,
        token.userId,
        token.purpose,
        token.email,
        token.passwordHash,
        token.expiresAt,
      ],
    );
  }

  /** Uses a token up; of several callers at once only one gets it. Says why not otherwise. */
  async use(
    tx: Tx,
    tokenHash: string,
    purpose: EmailTokenPurpose,
    at: Date,
  ): Promise<
    | { userId: string; email: string; passwordHash: string | null }
    | "TOKEN_INVALID"
    | "TOKEN_USED"
    | "TOKEN_EXPIRED"
  > {
    const used = await tx.query<{ userId: string; email: string; passwordHash: string | null }>(
      `update email_tokens set used_at = $3
       where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3
       returning user_id as "userId", email, password_hash as "passwordHash"`,
      [tokenHash, purpose, at],
    );
    if (used[0]) return used[0];
    const known = await tx.query<{ used: boolean }>(
      `select used_at is not null as used from email_tokens
       where token_hash = $1 and purpose = $2`,
      [tokenHash, purpose],
    );
    if (!known[0]) return "TOKEN_INVALID";
    return known[0].used ? "TOKEN_USED" : "TOKEN_EXPIRED";
  }

  /** Voids all open tokens of a user. */
  async voidAll(tx: Tx, userId: string, purpose: EmailTokenPurpose, at: Date): Promise<void> {
    await tx.execute(
      `update email_tokens set used_at = $3, password_hash = null
       where user_id = $1 and purpose = $2 and used_at is null`,
      [userId, purpose, at],
    );
  }
}
