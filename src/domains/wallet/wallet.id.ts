import { WalletCurrencies, type WalletCurrency } from "./wallet.vocabulary.ts";

/** Prefixes of the ids of wallets. */
export const WALLET_PREFIXES = { POINTS: "wpt", CREDITS: "wcr" } as const;

/** Which wallet: a user has one per currency. */
export interface WalletKey {
  readonly userId: string;
  readonly currency: WalletCurrency;
}

/** The id of a wallet is its owner's with another prefix: a wallet can be named before its first entry. */
export const walletId = ({ userId, currency }: WalletKey): string =>
  WALLET_PREFIXES[currency] + userId.slice(3);

/** Which wallet an id names; null when it names none. */
export function walletOfId(id: string): WalletKey | null {
  const currency = Object.values(WalletCurrencies).find((each) =>
    id.startsWith(`${WALLET_PREFIXES[each]}_`),
  );
  return currency ? { userId: `usr${id.slice(3)}`, currency } : null;
}

const MAX_AMOUNT = 1_000_000_000;

/** @throws RangeError unless it is a whole number from 1 to a thousand million. */
export function checkedAmount(amount: number): number {
  if (!Number.isInteger(amount) || amount < 1 || amount > MAX_AMOUNT) {
    throw new RangeError(`An amount is a whole number from 1 to ${MAX_AMOUNT}, not ${amount}.`);
  }
  return amount;
}
