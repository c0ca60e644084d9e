import { bulkhead, type BulkheadPolicy } from "cockatiel";
import type pg from "pg";
import { QueryRunnerAlreadyReleasedError, type EntityManager, type QueryRunner } from "typeorm";
import type { Logger } from "../observe/logger.ts";
import type { Database } from "./database.ts";
import { isConnectionLoss, isLostRace, wasNotSent } from "./faults.ts";
import { recordStatement } from "./statements.ts";

const MAX_ATTEMPTS = 4;
const SHARE_OF_POOL = 0.3;

/** One open transaction. Writing methods take it as their first argument. */
export interface Tx {
  /** TypeORM's manager bound to this transaction. */
  readonly manager: EntityManager;
  /**
   * Runs a statement and returns its rows, also those of RETURNING.
   * Give `name` to hot statements: they are prepared once per connection.
   */
  query<T extends object>(text: string, values?: readonly unknown[], name?: string): Promise<T[]>;
  /** Runs a statement and returns how many rows it changed. `name` as above. */
  execute(text: string, values?: readonly unknown[], name?: string): Promise<number>;
  /** Runs after a successful commit, in order; never when the transaction is rolled back. */
  afterCommit(callback: () => void | Promise<void>): void;
}

/** Opens transactions. Services decide where one begins and ends. */
export class UnitOfWork {
  /** Transactions never hold the whole pool: single statements, which are shorter, always find a connection soon. */
  private readonly places: BulkheadPolicy;

  constructor(
    private readonly database: Database,
    private readonly log: Logger,
  ) {
    this.places = bulkhead(
      Math.ceil(database.pool.options.max * SHARE_OF_POOL),
      Number.POSITIVE_INFINITY,
    );
  }

  /**
   * Runs `work` in one transaction: commits when it resolves, rolls back when it rejects.
   * Work that lost a deadlock or a serialization race, or whose connection broke before the commit was sent, is run again;
   * a connection that breaks during the commit is reported, because its outcome is unknown.
   */
  async run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.places.execute(() => this.attempt(work));
      if (outcome.committed) {
        await this.runCallbacks(outcome.callbacks);
        return outcome.value;
      }
      if (!outcome.mayRepeat || attempt >= MAX_ATTEMPTS) throw outcome.error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
    }
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<Outcome<T>> {
    const callbacks: (() => void | Promise<void>)[] = [];
    const runner = this.database.dataSource.createQueryRunner();
    let committing = false;
    try {
      await runner.startTransaction();
      const send = await senderOf(runner);
      const tx: Tx = {
        manager: runner.manager,
        query: async <R extends object>(...statement: Statement) =>
          (await send(...statement)).rows as R[],
        execute: async (...statement) => (await send(...statement)).rowCount ?? 0,
        afterCommit: (callback) => void callbacks.push(callback),
      };
      const value = await work(tx);
      committing = true;
      await runner.commitTransaction();
      return { committed: true, value, callbacks };
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      const undone = isConnectionLoss(error) && (!committing || wasNotSent(error));
      const mayRepeat = undone || isLostRace(error);
      return { committed: false, error, mayRepeat };
    } finally {
      await runner.release().catch(() => undefined);
    }
  }

  private async runCallbacks(callbacks: (() => void | Promise<void>)[]): Promise<void> {
    for (const callback of callbacks) {
      try {
        await callback();
      } catch (error) {
        this.log.warn({ err: error }, "something to do after a commit failed");
      }
    }
  }
}

type Statement = [text: string, values?: readonly unknown[], name?: string];

/** Sends statements of an open transaction straight to its connection: TypeORM cannot prepare them. */
async function senderOf(runner: QueryRunner) {
  const client = (await runner.connect()) as pg.PoolClient;
  return (...[text, values = [], name]: Statement): Promise<pg.QueryResult> => {
    // The connection may work for somebody else by now.
    if (runner.isReleased) return Promise.reject(new QueryRunnerAlreadyReleasedError());
    recordStatement(text);
    return client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
  };
}

type Outcome<T> =
  | { committed: true; value: T; callbacks: (() => void | Promise<void>)[] }
  | { committed: false; error: unknown; mayRepeat: boolean };
