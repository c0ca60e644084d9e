import { GraphQLDateTime } from "graphql-scalars";
import { ArgsType, Field, ID, Int, ObjectType } from "type-graphql";
import { ViewerEvent } from "../../platform/events/feed.types.ts";
import { connectionTypes, PageArgs } from "../../platform/graphql/connection.ts";
import { Node } from "../../platform/graphql/node.ts";
import {
  LedgerEntryKinds,
  WalletCurrencies,
  type LedgerEntryKind,
  type WalletCurrency,
} from "./wallet.vocabulary.ts";

@ObjectType("Wallet", { implements: Node, description: "What the user has of one currency." })
export class WalletType extends Node {
  @Field(() => WalletCurrencies, { description: "What it holds." })
  currency!: WalletCurrency;

  @Field(() => Int, { description: "Everything that the user has, what is held included." })
  balance!: number;

  @Field(() => Int, { description: "Set aside for work that is not finished." })
  held!: number;

  @Field(() => Int, { description: "Rises with each change; the larger one is the newer one." })
  version!: number;
}

@ObjectType("LedgerEntry", { description: "One change of a balance. Entries never change." })
export class LedgerEntryType {
  @Field(() => ID, { description: "Opaque." })
  id!: string;

  @Field(() => WalletCurrencies, { description: "What was moved." })
  currency!: WalletCurrency;

  @Field(() => Int, { description: "How much; below zero when it was taken." })
  delta!: number;

  @Field(() => LedgerEntryKinds, { description: "Why." })
  kind!: LedgerEntryKind;

  @Field(() => Int, { description: "The balance that this left." })
  balanceAfter!: number;

  @Field(() => GraphQLDateTime, { description: "When it was booked." })
  createdAt!: Date;
}

const connection = connectionTypes<LedgerEntryType>("LedgerEntry", () => LedgerEntryType);
export const LedgerEntryConnection = connection.connection;

@ArgsType()
export class LedgerArgs extends PageArgs {
  @Field(() => WalletCurrencies, { description: "Of which wallet." })
  currency!: WalletCurrency;
}

@ArgsType()
export class WalletChangedArgs {
  @Field(() => Int, {
    nullable: true,
    description: "The newest version that the client has; only later ones are sent.",
  })
  afterVersion?: number | null;
}

@ObjectType({ description: "Something in the user's wallets changed." })
export class WalletChanged {
  @Field(() => [WalletType], { description: "All wallets as they are now." })
  wallets!: WalletType[];

  @Field(() => Int, { description: "Rises with each change; give it as `afterVersion` to resume." })
  version!: number;
}

@ObjectType({ implements: ViewerEvent, description: "One of the user's wallets changed." })
export class WalletEvent extends ViewerEvent {
  @Field(() => WalletType, { nullable: true, description: "The wallet as it is now." })
  wallet!: WalletType | null;
}
