import pg from "pg";
import {
  DataSource,
  type EntityTarget,
  type Logger as TypeOrmLogger,
  type ObjectLiteral,
} from "typeorm";
import type { PostgresDriver } from "typeorm/driver/postgres/PostgresDriver.js";
import type { Logger } from "../observe/logger.ts";
import { isConnectionLoss, isForbiddenWrite } from "./faults.ts";
import { recordStatement } from "./statements.ts";

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
  readonly entities: EntityTarget<ObjectLiteral>[];
  readonly migrations: unknown[];
  readonly log: Logger;
}

/** What one statement may do. */
export interface ReadLimits {
  readonly timeoutMs: number;
  /** Settings of PostgreSQL for this statement alone; never made of what people send. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

const RETRY_AFTER_MS = 150;
const MIGRATION_LOCK = 4_711_001;

/** PostgreSQL: a pool for single statements, a TypeORM data source for transactions and migrations. */
export class Database {
  private constructor(
    readonly dataSource: DataSource,
    readonly pool: pg.Pool,
    readonly url: string,
  ) {}

  /** Connects; rejects when PostgreSQL cannot be reached. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const observe = (client: pg.PoolClient, ready: () => void) => {
      client.on("error", (error: Error) => {
        options.log.warn({ err: error }, "a database connection was lost");
      });
      ready();
    };
    const dataSource = new DataSource({
      type: "postgres",
      driver: pg,
      url: options.url,
      entities: options.entities as never[],
      migrations: options.migrations as never[],
      migrationsTransactionMode: "each",
      installExtensions: false,
      uuidExtension: "pgcrypto",
      applicationName: options.applicationName,
      connectTimeoutMS: 5_000,
      // pg calls `verify` once for each new connection, also the one that initialize() opens.
      extra: { max: options.poolSize, keepAlive: true, idleTimeoutMillis: 30_000, verify: observe },
      logger: new StatementRecorder(),
      poolErrorHandler: (error: Error) =>
        options.log.warn({ err: error }, "an idle database connection was lost"),
    });
    await dataSource.initialize();
    const pool = (dataSource.driver as PostgresDriver).master as pg.Pool;
    // The job queue insists on a listener here; `verify` already looks after each connection.
    pool.on("connect", () => undefined);
    return new Database(dataSource, pool, options.url);
  }

  /**
   * Runs one statement outside a transaction and returns its rows.
   * A read that met a broken connection is sent once more; what may have written something is not, and the loss is reported.
   * @param name For hot statements: they are prepared once per connection.
   * @param types How values become JavaScript's, such as `TIMES_AS_TEXT`; as usual unless told.
   */
  async query<T extends object>(
    text: string,
    values: readonly unknown[] = [],
    name?: string,
    types?: pg.CustomTypesConfig,
  ): Promise<T[]> {
    const statement = statementOf(text, values, { name, types });
    recordStatement(text);
    try {
      return (await this.pool.query<T & pg.QueryResultRow>(statement)).rows;
    } catch (error) {
      if (!isConnectionLoss(error) || !/^\s*(select|with)\b/i.test(text)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      return this.readOnly<T>("", statement).catch((second: unknown) => {
        throw isForbiddenWrite(second) ? error : second;
      });
    }
  }

  /**
   * Runs one reading statement under limits of its own and returns its rows. PostgreSQL ends it when it takes too long:
   * then it rejects with an error that `ranOutOfTime` knows.
   */
  async queryWithin<T extends object>(
    { timeoutMs, settings = {} }: ReadLimits,
    text: string,
    values: readonly unknown[] = [],
    types?: pg.CustomTypesConfig,
  ): Promise<T[]> {
    const limits = Object.entries({ statement_timeout: Math.ceil(timeoutMs), ...settings })
      .map(([name, value]) => `set local ${name} = ${value}`)
      .join("; ");
    recordStatement(text);
    return this.readOnly<T>(limits, statementOf(text, values, { types }));
  }

  /** PostgreSQL itself refuses what writes here, also where it is hidden in a WITH or a function. */
  private async readOnly<T extends object>(
    settings: string,
    statement: pg.QueryConfig,
  ): Promise<T[]> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(`begin read only; ${settings}`);
      return (await client.query<T & pg.QueryResultRow>(statement)).rows;
    } finally {
      await client.query("rollback").catch((error: Error) => (broken = error));
      client.release(broken);
    }
  }

  /** Applies the missing migrations; several processes may call it at once. */
  async migrate(): Promise<string[]> {
    return this.underMigrationLock(async () => {
      const done = await this.dataSource.runMigrations();
      return done.map((migration) => migration.name);
    });
  }

  /** Reverts the newest migration. */
  async revert(): Promise<void> {
    await this.underMigrationLock(() => this.dataSource.undoLastMigration());
  }

  /** Whether each known migration has been applied. */
  async isMigrated(): Promise<boolean> {
    return !(await this.dataSource.showMigrations());
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async underMigrationLock<T>(work: () => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
      return await work();
    } finally {
      await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]).catch(() => undefined);
      client.release();
    }
  }
}

function statementOf(
  text: string,
  values: readonly unknown[],
  { name, types }: { name?: string | undefined; types?: pg.CustomTypesConfig | undefined },
): pg.QueryConfig {
  return {
    text,
    values: [...values],
    ...(name !== undefined && { name }),
    ...(types !== undefined && { types }),
  };
}

/** Counts what TypeORM sends, where it is asked for: a pooled connection no longer knows on whose behalf it works. */
class StatementRecorder implements TypeOrmLogger {
  logQuery(text: string): void {
    recordStatement(text);
  }
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
