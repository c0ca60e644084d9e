import type { Tx } from "../../../platform/db/unit-of-work.ts";

const GOOGLE = "GOOGLE";

/** Reads and writes `user_identities` and `open_id_attempts`. */
export class OpenIdRepository {
  /** Lets one transaction after the other work on a person, known or not, until it ends. */
  async lockSubject(tx: Tx, subject: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`openid ${subject}`]);
  }

  /** The user that a person is linked to. */
  async userOf(tx: Tx, subject: string): Promise<string | null> {
    const rows = await tx.query<{ userId: string }>(
      `select user_id as "userId" from user_identities where provider = $1 and subject = $2`,
      [GOOGLE, subject],
    );
    return rows[0]?.userId ?? null;
  }

  /** Links a person to a user, for good. */
  async link(tx: Tx, subject: string, userId: string): Promise<void> {
    await tx.execute(
      "insert into user_identities (provider, subject, user_id) values ($1, $2, $3)",
      [GOOGLE, subject, userId],
    );
  }

  async addAttempt(
    tx: Tx,
    attempt: { startHash: string; secretHash: string; returnTo: string; expiresAt: Date },
  ): Promise<void> {
    await tx.execute(
      `insert into open_id_attempts (start_hash, secret_hash, return_to, expires_at)
       values ($1, $2, $3, $4)`,
      [attempt.startHash, attempt.secretHash, attempt.returnTo, attempt.expiresAt],
    );
  }

  /** Binds an attempt to a browser; false when it is unknown, over, or has come back already. */
  async start(
    tx: Tx,
    start: {
      startHash: string;
      stateHash: string;
      browserHash: string;
      sealedProof: string;
      at: Date;
    },
  ): Promise<boolean> {
    const started = await tx.execute(
      `update open_id_attempts set state_hash = $2, browser_hash = $3, sealed_proof = $4
       where start_hash = $1 and returned_at is null and expires_at > $5`,
      [start.startHash, start.stateHash, start.browserHash, start.sealedProof, start.at],
    );
    return started === 1;
  }

  /** Takes the one return of an attempt, if it comes to the browser that left. */
  async takeReturn(
    tx: Tx,
    back: { stateHash: string; browserHash: string; at: Date },
  ): Promise<{ startHash: string; sealedProof: string; returnTo: string } | null> {
    const rows = await tx.query<{ startHash: string; sealedProof: string; returnTo: string }>(
      `update open_id_attempts a set returned_at = $3, sealed_proof = null
       from (select start_hash, sealed_proof from open_id_attempts where state_hash = $1 for update) b
       where a.start_hash = b.start_hash and a.browser_hash = $2 and a.returned_at is null
         and a.expires_at > $3
       returning a.start_hash as "startHash", b.sealed_proof as "sealedProof",
         a.return_to as "returnTo"`,
      [back.stateHash, back.browserHash, back.at],
    );
    return rows[0] ?? null;
  }

  /** Records who came back; the code lets the client that began take the session. */
  async complete(
    tx: Tx,
    result: { startHash: string; codeHash: string; userId: string; expiresAt: Date },
  ): Promise<void> {
    await tx.execute(
      `update open_id_attempts set code_hash = $2, user_id = $3, expires_at = $4
       where start_hash = $1`,
      [result.startHash, result.codeHash, result.userId, result.expiresAt],
    );
  }

  /** Uses a code up, together with the secret of the client that began; the user's id, or null. */
  async finish(
    tx: Tx,
    finish: { codeHash: string; secretHash: string; at: Date },
  ): Promise<string | null> {
    const rows = await tx.query<{ userId: string }>(
      `update open_id_attempts set finished_at = $3
       where code_hash = $1 and secret_hash = $2 and finished_at is null and expires_at > $3
       returning user_id as "userId"`,
      [finish.codeHash, finish.secretHash, finish.at],
    );
    return rows[0]?.userId ?? null;
  }
}
