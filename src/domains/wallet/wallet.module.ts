import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Feed } from "../../platform/events/feed.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { registerNodeSource } from "../../platform/graphql/node.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import { Sweep } from "../../platform/realtime/sweep.ts";
import { HoldRepository } from "./hold.repository.ts";
import { HoldService } from "./hold.service.ts";
import { LedgerRepository } from "./ledger.repository.ts";
import { ReconciliationRepository } from "./reconciliation.repository.ts";
import { StatementService } from "./statement.service.ts";
import { WalletEvents, type WalletState } from "./wallet.events.ts";
import { WALLET_PREFIXES, walletId } from "./wallet.id.ts";
import { createWalletLoaders } from "./wallet.loaders.ts";
import { createWalletPersonalData } from "./wallet.personal-data.ts";
import { WalletRepository } from "./wallet.repository.ts";
import {
  LedgerEntryResolver,
  ViewerWalletsResolver,
  WalletEventResolver,
  WalletResolver,
} from "./wallet.resolver.ts";
import { WalletService } from "./wallet.service.ts";
import type { WalletChangedArgs } from "./wallet.types.ts";
import { WalletCurrencies } from "./wallet.vocabulary.ts";

declare module "../../platform/graphql/streams.ts" {
  interface Streams {
    wallets(context: Context, args: WalletChangedArgs): AsyncIterableIterator<WalletState>;
  }
}

export interface WalletModuleDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly database: Database;
  readonly ids: Ids;
  readonly feed: Feed;
  readonly nudges: Nudges;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The wallet domain, put together. */
export interface WalletModule extends DomainModule {
  readonly wallets: WalletService;
  readonly holds: HoldService;
  /** Lets go of timers. */
  close(): void;
}

/** Points, credits, and the ledger behind them. */
export function createWalletModule(dependencies: WalletModuleDependencies): WalletModule {
  const { unitOfWork: uow, database, nudges, log } = dependencies;
  const wallets = new WalletRepository(database);
  const ledger = new LedgerRepository(database);
  const holds = new HoldRepository(database);
  const books = new ReconciliationRepository(database);
  const sweep = new Sweep((userIds) => wallets.versions(userIds), nudges, log);
  const events = new WalletEvents({ ...dependencies, wallets, sweep });
  const walletService = new WalletService({ ...dependencies, wallets, holds, ledger, events });
  const holdService = new HoldService({ ...dependencies, uow, wallets, holds, events });
  registerWalletNodes();
  return {
    wallets: walletService,
    holds: holdService,
    personalData: createWalletPersonalData({ walletService, wallets, ledger }),
    resolvers: [
      new WalletResolver(),
      new LedgerEntryResolver(),
      new WalletEventResolver(),
      new ViewerWalletsResolver(new StatementService(ledger)),
    ],
    loaders: () => createWalletLoaders(wallets),
    streams: {
      wallets: (context, args) => events.watch(signedIn(context).userId, args.afterVersion ?? null),
    },
    crons: [
      {
        name: "release_expired_holds",
        pattern: "* * * * *",
        run: async () => void (await holdService.releaseExpired()),
      },
      {
        name: "reconcile_wallets",
        pattern: "7 2 * * *",
        run: async () => {
          for (const finding of await books.findings()) log.error(finding, "the books disagree");
        },
      },
    ],
    reconcile: () => books.findings(),
    close: () => {
      sweep.close();
    },
  };
}

/** A wallet can be fetched again by its owner alone. */
function registerWalletNodes(): void {
  for (const currency of Object.values(WalletCurrencies)) {
    registerNodeSource({
      prefix: WALLET_PREFIXES[currency],
      typeName: "Wallet",
      load: async (context, ids) => {
        const own = walletId({ userId: signedIn(context).userId, currency });
        const wallet = ids.includes(own) ? await context.loaders.wallet.load(own) : null;
        return ids.map((id) => (id === own ? wallet : null));
      },
    });
  }
}
