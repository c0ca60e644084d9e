import {
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Int,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import type { FeedEntry } from "../../platform/events/feed.ts";
import { registerFeedTopic } from "../../platform/events/feed.types.ts";
import { connectionOf, pageRequest, type Connection } from "../../platform/graphql/connection.ts";
import type { Context } from "../../platform/graphql/context.ts";
import { nodeSourceOf, Node } from "../../platform/graphql/node.ts";
import { Viewer } from "../identity/index.ts";
import type { LedgerEntry } from "./ledger.repository.ts";
import type { StatementService } from "./statement.service.ts";
import { WALLET_TOPIC, type WalletState } from "./wallet.events.ts";
import { walletId } from "./wallet.id.ts";
import type { Wallet } from "./wallet.repository.ts";
import {
  LedgerArgs,
  LedgerEntryConnection,
  LedgerEntryType,
  WalletChanged,
  WalletChangedArgs,
  WalletEvent,
  WalletType,
} from "./wallet.types.ts";
import { WalletCurrencies } from "./wallet.vocabulary.ts";

const NEWEST_FIRST = "ledger.newest";

registerFeedTopic(WALLET_TOPIC, WalletEvent.name);

@Resolver(() => WalletType)
export class WalletResolver {
  @FieldResolver(() => Int, {
    description: "What can be spent now: the balance less what is held.",
  })
  available(@Root() wallet: Wallet): number {
    return wallet.balance - wallet.held;
  }
}

@Resolver(() => LedgerEntryType)
export class LedgerEntryResolver {
  @FieldResolver(() => Node, {
    nullable: true,
    description: "What it was for, such as a job; null when that cannot be fetched.",
  })
  async about(@Root() entry: LedgerEntry, @Ctx() context: Context): Promise<object | null> {
    const found = await nodeSourceOf(entry.referenceId)?.load(context, [entry.referenceId]);
    return found?.[0] ?? null;
  }
}

@Resolver(() => WalletEvent)
export class WalletEventResolver {
  @FieldResolver(() => WalletType, { nullable: true })
  wallet(@Root() entry: FeedEntry, @Ctx() { loaders }: Context): Promise<Wallet | null> {
    return loaders.wallet.load(entry.refId);
  }
}

/** The wallets of the signed-in user. */
@Resolver(() => Viewer)
export class ViewerWalletsResolver {
  constructor(private readonly statements: StatementService) {}

  @FieldResolver(() => [WalletType], { description: "What the user has, one wallet per currency." })
  async wallets(@Root() { id }: Viewer, @Ctx() { loaders }: Context): Promise<Wallet[]> {
    const ids = Object.values(WalletCurrencies).map((currency) =>
      walletId({ userId: id, currency }),
    );
    const wallets = await Promise.all(ids.map((each) => loaders.wallet.load(each)));
    return wallets.filter((wallet) => wallet !== null);
  }

  @FieldResolver(() => LedgerEntryConnection, {
    description: "Every change of a wallet's balance, newest first.",
  })
  async ledger(
    @Args(() => LedgerArgs) args: LedgerArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<LedgerEntry>> {
    const order = `${NEWEST_FIRST}.${args.currency}`;
    const page = pageRequest(args, order);
    const rows = await this.statements.ledgerOf({ userId: id, currency: args.currency }, page);
    return connectionOf(rows, page, order, (entry) => [entry.seq]);
  }

  @Authorized()
  @Subscription(() => WalletChanged, {
    description: "The user's wallets as they are now, then after every change.",
    subscribe: ({ context, args }) =>
      (context as Context).streams.wallets(context as Context, args as WalletChangedArgs),
  })
  walletChanged(
    @Args(() => WalletChangedArgs) _args: WalletChangedArgs,
    @Root() state: WalletState,
  ): WalletState {
    return state;
  }
}
