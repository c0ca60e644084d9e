import { registerEnumType } from "type-graphql";

/** What a wallet holds. */
export const WalletCurrencies = { POINTS: "POINTS", CREDITS: "CREDITS" } as const;
export type WalletCurrency = keyof typeof WalletCurrencies;

registerEnumType(WalletCurrencies, {
  name: "WalletCurrency",
  description: "What a wallet holds. Always whole numbers.",
  valuesConfig: {
    POINTS: { description: "Pay for emoji." },
    CREDITS: { description: "Pay for hair try-ons, one per view." },
  },
});

/** Why a balance changed. */
export const LedgerEntryKinds = {
  PURCHASE: "PURCHASE",
  CONSUME: "CONSUME",
  REWARD: "REWARD",
  REFUND: "REFUND",
  ADJUSTMENT: "ADJUSTMENT",
  CAPTURE: "CAPTURE",
} as const;
export type LedgerEntryKind = keyof typeof LedgerEntryKinds;

registerEnumType(LedgerEntryKinds, {
  name: "LedgerEntryKind",
  description: "Why a balance changed.",
  valuesConfig: {
    PURCHASE: { description: "Bought." },
    CONSUME: { description: "Spent at once." },
    REWARD: { description: "Given for free, such as each week to VIPs." },
    REFUND: {
      description: "An earlier charge was given back, or an earlier purchase was undone.",
    },
    ADJUSTMENT: { description: "Corrected by the staff, or moved with an account." },
    CAPTURE: { description: "An amount that was set aside before has been spent." },
  },
});
