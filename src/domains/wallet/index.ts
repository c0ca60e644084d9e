export { createWalletModule } from "./wallet.module.ts";
export type { WalletModule } from "./wallet.module.ts";
export type { Booked, Movement, Undoing, WalletService } from "./wallet.service.ts";
export type { HoldService } from "./hold.service.ts";
export type { Hold } from "./hold.repository.ts";
export type { LedgerEntry, Reference } from "./ledger.repository.ts";
export type { WalletKey } from "./wallet.id.ts";
export { WalletCurrencies } from "./wallet.vocabulary.ts";
export type { LedgerEntryKind, WalletCurrency } from "./wallet.vocabulary.ts";
