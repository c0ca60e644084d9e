import type { PersonalData } from "../../platform/module.ts";
import type { LedgerEntry, LedgerRepository } from "./ledger.repository.ts";
import type { WalletKey } from "./wallet.id.ts";
import type { WalletRepository } from "./wallet.repository.ts";
import type { WalletService } from "./wallet.service.ts";
import { WalletCurrencies } from "./wallet.vocabulary.ts";

const PAGE = 500;

/** How balances and their ledger are handed over and moved. They stay when a person leaves: an id is all that they know. */
export function createWalletPersonalData(dependencies: {
  readonly walletService: WalletService;
  readonly wallets: WalletRepository;
  readonly ledger: LedgerRepository;
}): PersonalData {
  const { walletService, wallets, ledger } = dependencies;
  return {
    name: "wallets",
    tables: ["wallets", "ledger_entries", "holds"],
    export: async (userId) =>
      Promise.all(
        (await wallets.ofUsers([userId])).map(async ({ currency, balance, held }) => ({
          currency,
          balance,
          held,
          entries: (await allEntries(ledger, { userId, currency })).map(shown),
        })),
      ),
    lock: async (tx, userId) => {
      for (const currency of Object.values(WalletCurrencies)) {
        await wallets.lock(tx, { userId, currency });
      }
    },
    merge: async (tx, { fromUserId, toUserId }) => {
      const moved: Record<string, number> = {};
      for (const currency of Object.values(WalletCurrencies)) {
        moved[currency.toLowerCase()] = await walletService.moveAll(tx, {
          from: { userId: fromUserId, currency },
          toUserId,
          reference: { type: "ACCOUNT_MERGE", id: fromUserId },
          key: `merge:${fromUserId}:${currency}`,
        });
      }
      return moved;
    },
    erase: () => Promise.resolve(),
  };
}

async function allEntries(ledger: LedgerRepository, key: WalletKey): Promise<LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for (;;) {
    const page = { limit: PAGE, backward: false, beyond: null };
    const rows = await ledger.pageOf(key, page, all.at(-1)?.seq ?? null);
    all.push(...rows);
    if (rows.length <= PAGE) return all;
  }
}

const shown = (entry: LedgerEntry) => ({
  id: entry.id,
  at: entry.createdAt,
  kind: entry.kind,
  delta: entry.delta,
  balanceAfter: entry.balanceAfter,
  referenceType: entry.referenceType,
  referenceId: entry.referenceId,
});
