import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { unauthenticated } from "../../../platform/graphql/errors.ts";

/** What an upload is for. */
export type UploadPurpose = "SELFIE" | "PROFILE_PICTURE" | "EMOJI_SOURCE" | "TRY_ON_SOURCE";

export interface UploadRow {
  readonly id: string;
  readonly userId: string;
  readonly purpose: UploadPurpose;
  /** Where its bytes lie in the blob store. */
  readonly key: string;
  readonly contentType: string;
  readonly byteSize: number;
  readonly status: "ISSUED" | "USED";
  readonly expiresAt: Date;
}

const COLUMNS = `id, user_id as "userId", purpose, key, content_type as "contentType",
  byte_size as "byteSize", status, expires_at as "expiresAt"`;

/** Reads and writes `uploads`. */
export class UploadRepository {
  constructor(private readonly database: Database) {}

  /**
   * Adds an upload unless its owner has `maxIssued` that were not used.
   * @throws UNAUTHENTICATED when the account was closed meanwhile.
   */
  async add(tx: Tx, upload: Omit<UploadRow, "status">, maxIssued: number): Promise<boolean> {
    // One at a time per owner, or uploads asked for at the same moment would not count each other.
    const owner = await tx.query(
      "select 1 from users where id = $1 and is_active for no key update",
      [upload.userId],
    );
    if (owner.length === 0) throw unauthenticated("SESSION_ENDED");
    const added = await tx.execute(
      `insert into uploads (id, user_id, purpose, key, content_type, byte_size, expires_at)
       select $1, $2, $3, $4, $5, $6, $7
       where (select count(*) from uploads where user_id = $2 and status = 'ISSUED') < $8`,
      [
        upload.id,
        upload.userId,
        upload.purpose,
        upload.key,
        upload.contentType,
        upload.byteSize,
        upload.expiresAt,
        maxIssued,
      ],
    );
    return added === 1;
  }

  async find(id: string): Promise<UploadRow | null> {
    const rows = await this.database.query<UploadRow>(
      `select ${COLUMNS} from uploads where id = $1`,
      [id],
      "upload_by_id",
    );
    return rows[0] ?? null;
  }

  /** Marks an upload as used, once; false when it is not the owner's, was used, or has expired. */
  async claim(
    tx: Tx,
    claim: { id: string; userId: string; usedBy: string; at: Date },
  ): Promise<boolean> {
    const claimed = await tx.execute(
      `update uploads set status = 'USED', used_by = $3
       where id = $1 and user_id = $2 and status = 'ISSUED' and expires_at > $4`,
      [claim.id, claim.userId, claim.usedBy, claim.at],
      "upload_claim",
    );
    return claimed === 1;
  }

  /** Uploads whose bytes are not needed any more: never used ones and, later, used ones. */
  removable(unusedBefore: Date, usedBefore: Date, limit: number): Promise<UploadRow[]> {
    return this.database.query<UploadRow>(
      `select ${COLUMNS} from uploads
       where bytes_removed_at is null and created_at < case status when 'USED' then $2::timestamptz else $1::timestamptz end
       order by created_at limit $3`,
      [unusedBefore, usedBefore, limit],
    );
  }

  /** Forgets uploads whose bytes are gone; of the used ones the row stays. */
  async markRemoved(ids: readonly string[], at: Date): Promise<void> {
    await this.database.query(
      `with unused as (delete from uploads where id = any($1) and status = 'ISSUED')
       update uploads set bytes_removed_at = $2 where id = any($1) and status = 'USED'`,
      [ids, at],
    );
  }
}
