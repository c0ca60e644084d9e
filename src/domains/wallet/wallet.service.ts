import type { Tx } from "../../platform/db/unit-of-work.ts";
import { idempotencyMismatch } from "../../platform/graphql/errors.ts";
import { refuse } from "../../platform/graphql/problems.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { HoldRepository } from "./hold.repository.ts";
import type { LedgerEntry, LedgerRepository, NewEntry, Reference } from "./ledger.repository.ts";
import type { WalletEvents } from "./wallet.events.ts";
import { checkedAmount as checked, type WalletKey } from "./wallet.id.ts";
import { notEnough } from "./wallet.problems.ts";
import type { WalletRepository } from "./wallet.repository.ts";

/** A change of a wallet that its caller asks for. */
export interface Movement extends WalletKey {
  /** Whole points or credits, from 1. */
  readonly amount: number;
  /** What it is for. */
  readonly reference: Reference;
  /** Made of our own ids, unique in the ledger: the same key again changes nothing and answers the first entry. */
  readonly key: string;
}

/** Undoes an earlier entry, which is named by its key, wholly or in part. */
export interface Undoing {
  readonly entryKey: string;
  /** All that is left of it when absent. */
  readonly amount?: number;
  readonly key: string;
}

/** An entry, and whether this call has booked it: false for a repetition. */
export interface Booked {
  readonly entry: LedgerEntry;
  readonly isNew: boolean;
}

type Booking = Omit<NewEntry, "id">;

/** `bookedFor` is whom the entry was meant for, when that user's wallet has been taken over. */
type Posting = NewEntry & { readonly bookedFor?: string };

/** `version` is the wallet's new one, null for a repetition. */
type Posted = LedgerEntry & { readonly version: number | null };

const CHARGES = ["CONSUME", "CAPTURE"];
const GIFTS = ["PURCHASE", "REWARD"];

/**
 * Moves points and credits. Everything happens in the caller's transaction, once per key, and reaches the owner's screens after its
 * commit. Balances are the sum of the ledger; what is held is part of the balance but not available.
 */
export class WalletService {
  constructor(
    private readonly dependencies: {
      readonly wallets: WalletRepository;
      readonly ledger: LedgerRepository;
      readonly holds: Pick<HoldRepository, "moveAll">;
      readonly events: WalletEvents;
      readonly ids: Ids;
    },
  ) {}

  /**
   * Adds what was bought or earned.
   * @param movement.rewardWeek The Monday (YYYY-MM-DD, UTC) of a weekly reward: a user gets one per week, whatever the key.
   */
  credit(
    tx: Tx,
    movement: Movement & { kind: "PURCHASE" | "REWARD"; rewardWeek?: string },
  ): Promise<Booked> {
    return this.book(tx, { ...movement, delta: checked(movement.amount) });
  }

  /** Takes at once. Refuses with NotEnoughPoints or NotEnoughCredits; nothing is changed then. */
  spend(tx: Tx, movement: Movement): Promise<Booked> {
    return this.book(tx, { ...movement, delta: -checked(movement.amount), kind: "CONSUME" });
  }

  /** Corrects a balance by hand. Refuses when it would fall below what is held. @param change.delta Not 0. */
  adjust(tx: Tx, change: Omit<Movement, "amount"> & { delta: number }): Promise<Booked> {
    checked(Math.abs(change.delta));
    return this.book(tx, { ...change, kind: "ADJUSTMENT" });
  }

  /**
   * Gives a charge (a spend or a capture) back, never more of it than was taken.
   * @throws Error when there is no such charge or less is left of it.
   */
  refund(tx: Tx, undoing: Undoing): Promise<Booked> {
    return this.undo(tx, undoing, CHARGES, (amount) => ({ delta: amount }));
  }

  /**
   * Takes a purchase or reward back as far as the wallet has it; the entry's `shortfall` tells what had been spent already.
   * @throws Error when there is no such purchase or less is left of it.
   */
  takeBack(tx: Tx, undoing: Undoing): Promise<Booked> {
    const take = (amount: number) => ({ delta: -amount, asFarAsPossible: true });
    return this.undo(tx, undoing, GIFTS, take);
  }

  /**
   * Hands a wallet over to another user for good, such as a guest's to the account that takes the guest over: the balance and what
   * is held of it. What is booked on it later, such as a refund or a late purchase, goes to the other's wallet.
   * @returns The balance that moved; the same again when it moved before. @throws Error when it moved to somebody else.
   */
  async moveAll(
    tx: Tx,
    move: { from: WalletKey; toUserId: string; reference: Reference; key: string },
  ): Promise<number> {
    const { wallets, holds, ledger, events } = this.dependencies;
    const { from, toUserId, reference, key } = move;
    const to = { ...from, userId: toUserId };
    await wallets.ensure(tx, from);
    const state = await wallets.lock(tx, from);
    if (!state || (state.movedTo ?? toUserId) !== toUserId) {
      throw new Error(`The wallet of ${from.userId} has been taken over by somebody else.`);
    }
    if (state.movedTo !== null) return (await ledger.byKey(tx, `${key}:in`))?.delta ?? 0;
    const { balance: delta, held } = state;
    if (delta > 0) {
      if (held > 0) await wallets.clearHeld(tx, from);
      await this.adjust(tx, { ...from, delta: -delta, reference, key: `${key}:out` });
      await this.adjust(tx, { ...to, delta, reference, key: `${key}:in` });
      if (held > 0) {
        const { version } = await holds.moveAll(tx, from, toUserId);
        await events.changed(tx, to, version);
      }
    }
    await wallets.close(tx, from, toUserId);
    return delta;
  }

  private async undo(
    tx: Tx,
    undoing: Undoing,
    kinds: readonly string[],
    change: (amount: number) => Pick<Booking, "delta" | "asFarAsPossible">,
  ): Promise<Booked> {
    const { wallets, ledger } = this.dependencies;
    const undone = await ledger.byKey(tx, undoing.entryKey);
    if (!undone || !kinds.includes(undone.kind)) {
      throw new Error(`No entry that this could undo has the key ${undoing.entryKey}.`);
    }
    // From here on nobody else undoes this entry.
    await wallets.lock(tx, undone);
    const earlier = await ledger.byKey(tx, undoing.key);
    const left = Math.abs(undone.delta) - (await ledger.undone(tx, undone.id));
    const amount = undoing.amount ?? (earlier ? asked(earlier) : left);
    if (!earlier && (left === 0 || checked(amount) > left)) {
      throw new Error(`Of the entry ${undone.id} only ${left} is left to undo.`);
    }
    return this.book(tx, {
      userId: undone.userId,
      currency: undone.currency,
      kind: "REFUND",
      reference: { type: undone.referenceType, id: undone.referenceId },
      key: undoing.key,
      refundOf: undone.id,
      ...change(amount),
    });
  }

  private async book(tx: Tx, booking: Booking): Promise<Booked> {
    const { events, ids } = this.dependencies;
    const { version, ...booked } = await this.post(tx, { ...booking, id: ids.next("led") });
    if (version !== null) await events.changed(tx, booked, version);
    return { entry: booked, isNew: version !== null };
  }

  private async post(tx: Tx, entry: Posting): Promise<Posted> {
    return (await this.dependencies.ledger.post(tx, entry)) ?? this.repeatOrRefuse(tx, entry);
  }

  /** Learns under the wallet's lock why nothing was booked: a repetition, the first entry of a wallet, or too little. */
  private async repeatOrRefuse(tx: Tx, entry: Posting): Promise<Posted> {
    const { wallets, ledger } = this.dependencies;
    let state = await wallets.lock(tx, entry);
    if (!state && entry.delta > 0) {
      await wallets.ensure(tx, entry);
      state = await wallets.lock(tx, entry);
    }
    if (state?.movedTo != null && !isCharge(entry)) {
      return this.post(tx, { ...entry, userId: state.movedTo, bookedFor: entry.userId });
    }
    const earlier = await this.earlier(tx, entry);
    if (earlier) return { ...earlier, version: null };
    const { balance, held } = state ?? { balance: 0, held: 0 };
    const available = balance - held;
    if (available + entry.delta < 0 && entry.asFarAsPossible !== true) {
      refuse(notEnough(entry.currency, { needed: -entry.delta, balance, available }));
    }
    const booked = await ledger.post(tx, entry);
    if (!booked) throw new Error(`The ledger did not take the entry with the key ${entry.key}.`);
    return booked;
  }

  /** The entry of an earlier call with this key or for this week. @throws IDEMPOTENCY_MISMATCH when it asked for something else. */
  private async earlier(tx: Tx, booking: Posting): Promise<LedgerEntry | null> {
    const { ledger } = this.dependencies;
    const entry = await ledger.byKey(tx, booking.key);
    if (entry) {
      if (!isSame(entry, booking)) throw idempotencyMismatch();
      return entry;
    }
    return booking.rewardWeek == null
      ? null
      : ledger.rewardOf(tx, booking.userId, booking.rewardWeek);
  }
}

const asked = (entry: LedgerEntry): number => Math.abs(entry.delta) + entry.shortfall;

const isCharge = ({ kind, delta }: NewEntry): boolean =>
  kind === "CONSUME" || (kind === "ADJUSTMENT" && delta < 0);

const isSame = (entry: LedgerEntry, booking: Posting): boolean =>
  (entry.userId === booking.userId || entry.userId === booking.bookedFor) &&
  entry.currency === booking.currency &&
  entry.kind === booking.kind &&
  entry.delta - entry.shortfall === booking.delta &&
  entry.referenceType === booking.reference.type &&
  entry.referenceId === booking.reference.id &&
  entry.refundOf === (booking.refundOf ?? null);
