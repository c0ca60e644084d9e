import { createWalletModule, type WalletModule } from "../../../src/domains/wallet/index.ts";
import type { WalletCurrency } from "../../../src/domains/wallet/index.ts";
import { Database } from "../../../src/platform/db/database.ts";
import { UnitOfWork, type Tx } from "../../../src/platform/db/unit-of-work.ts";
import { Feed } from "../../../src/platform/events/feed.ts";
import { Ids } from "../../../src/platform/ids/ids.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import type { Nudges } from "../../../src/platform/realtime/nudges.ts";

/** One process with wallets: its own pool over a database that others may share. */
export interface Till extends WalletModule {
  readonly database: Database;
  readonly ids: Ids;
  readonly uow: UnitOfWork;
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  balance(userId: string, currency?: WalletCurrency): Promise<{ balance: number; held: number }>;
  /** What `reconcile` finds, as "check subject". */
  findings(): Promise<string[]>;
  stop(): Promise<void>;
}

const nobodyListens: Nudges = {
  send: () => undefined,
  listen: () => Promise.resolve(() => undefined),
  isConnected: () => true,
  onReconnect: () => () => undefined,
  close: () => Promise.resolve(),
};

/** @param options.nodeId Another one for each till over the same database. */
export async function openTill(
  url: string,
  options: { nodeId?: number; poolSize?: number; now?: () => Date } = {},
): Promise<Till> {
  const log = createLogger("silent");
  const now = options.now ?? (() => new Date());
  const database = await Database.open({
    url,
    poolSize: options.poolSize ?? 8,
    applicationName: "wallet-test",
    entities: [],
    migrations: [],
    log,
  });
  const ids = new Ids(() => options.nodeId ?? 1, { now: () => new Date() });
  const unitOfWork = new UnitOfWork(database, log);
  const module = createWalletModule({
    unitOfWork,
    database,
    ids,
    feed: new Feed(database, nobodyListens),
    nudges: nobodyListens,
    clock: { now },
    log,
  });
  return {
    ...module,
    database,
    ids,
    uow: unitOfWork,
    run: (work) => unitOfWork.run(work),
    balance: async (userId, currency = "POINTS") => {
      const rows = await database.query<{ balance: number; held: number }>(
        "select balance, held from wallets where user_id = $1 and currency = $2",
        [userId, currency],
      );
      return rows[0] ?? { balance: 0, held: 0 };
    },
    findings: async () =>
      ((await module.reconcile?.()) ?? []).map(({ check, subject }) => `${check} ${subject}`),
    stop: async () => {
      module.close();
      await database.close();
    },
  };
}

/** Gives a user something to spend. */
export async function give(
  till: Till,
  userId: string,
  amount: number,
  currency: WalletCurrency = "POINTS",
): Promise<string> {
  const key = till.ids.next("pay");
  const reference = { type: "payment", id: key };
  await till.run((tx) =>
    till.wallets.credit(tx, { userId, currency, amount, kind: "PURCHASE", reference, key }),
  );
  return key;
}

/** A wallet movement of points for a new job. */
export const forJob = (till: Till, userId: string, amount: number) => {
  const id = till.ids.next("emj");
  return {
    userId,
    currency: "POINTS" as const,
    amount,
    reference: { type: "job", id },
    key: `${id}:charge`,
  };
};
