import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** Tables that a generated shop fills. */
export type BulkTable = "categories" | "products" | "product_categories" | "reviews";

/** Writes many generated rows at once. */
export class BulkRepository {
  constructor(private readonly database: Database) {}

  /**
   * Adds rows in one statement that takes them as one value; those whose id or slug is there are left out.
   * @param rows All with the same keys, which are names of columns
   * @returns how many were added
   */
  add(tx: Tx, table: BulkTable, rows: readonly object[]): Promise<number> {
    const [first] = rows;
    if (first === undefined) return Promise.resolve(0);
    const columns = Object.keys(first).join(", ");
    return tx.execute(
      `insert into ${table} (${columns})
       select ${columns} from json_populate_recordset(null::${table}, $1)
       on conflict do nothing`,
      [JSON.stringify(rows)],
    );
  }

  /** Lets PostgreSQL learn what the tables hold now, so that it plans well from the first query on. */
  async analyze(): Promise<void> {
    await this.database.query("vacuum (analyze) categories, products, product_categories, reviews");
  }
}
