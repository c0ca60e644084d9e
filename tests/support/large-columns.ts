import type { Database } from "../../src/platform/db/database.ts";

const LARGE = /(short_)?description_(en|kh)|ingredients|r\.comment/g;

/** Runs `work` and tells which large columns of the catalogue it read, and how many of its statements were for products. */
export async function largeColumnsReadBy<T>(database: Database, work: () => Promise<T>) {
  const { query } = database;
  const texts: string[] = [];
  database.query = ((...statement: Parameters<typeof query>) => {
    texts.push(statement[0]);
    return query.apply(database, statement);
  }) as typeof query;
  try {
    const result = await work();
    const found = texts.join("\n").match(LARGE) ?? [];
    const statements = texts.filter((text) => /\bfrom products p\b/.test(text)).length;
    return { result, columns: [...new Set(found)].sort(), statements };
  } finally {
    database.query = query;
  }
}
