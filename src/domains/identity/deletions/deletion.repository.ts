import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Finding } from "../../../platform/module.ts";

/** What jobs of kind ACCOUNT_DELETION know of deletions. */
export class DeletionRepository {
  constructor(private readonly database: Database) {}

  /** Empties the input of a job, which says how the person could be reached. */
  async forgetInput(tx: Tx, jobId: string): Promise<void> {
    await tx.execute("update ai_jobs set input = '{}' where id = $1", [jobId]);
  }

  /** Closed accounts that nothing works on any more, although not everything is erased. */
  stranded(): Promise<Finding[]> {
    return this.database.query<Finding>(
      `select 'account-not-erased' as "check", u.id as subject,
         'the account was deleted, but its job ended without erasing everything' as detail
       from users u where u.deleted_at is not null and u.erased_at is null and not exists (
         select from ai_jobs j where j.user_id = u.id and j.kind = 'ACCOUNT_DELETION'
           and j.status in ('QUEUED', 'RUNNING'))`,
    );
  }
}
