import { badUserInput } from "../../platform/graphql/errors.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import type { LedgerEntry, LedgerRepository } from "./ledger.repository.ts";
import type { WalletKey } from "./wallet.id.ts";

const MAX_SEQ = 2_147_483_647;

/** Tells users how they came to what they have. */
export class StatementService {
  constructor(private readonly ledger: LedgerRepository) {}

  /** A page of a wallet's entries, newest first. @throws BAD_USER_INPUT for a cursor that was never given out. */
  ledgerOf(wallet: WalletKey, page: PageRequest): Promise<LedgerEntry[]> {
    const seq = page.beyond?.[0] ?? null;
    if (seq !== null && !(Number.isInteger(seq) && Math.abs(Number(seq)) <= MAX_SEQ)) {
      throw badUserInput("This cursor does not belong to this list.", ["after"]);
    }
    return this.ledger.pageOf(wallet, page, seq === null ? null : Number(seq));
  }
}
