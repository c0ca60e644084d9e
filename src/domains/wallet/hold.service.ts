import type { Clock } from "../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../platform/db/unit-of-work.ts";
import { idempotencyMismatch, notFound } from "../../platform/graphql/errors.ts";
import { refuse } from "../../platform/graphql/problems.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { Hold, HoldRepository } from "./hold.repository.ts";
import type { Reference } from "./ledger.repository.ts";
import type { WalletEvents } from "./wallet.events.ts";
import { checkedAmount } from "./wallet.id.ts";
import { notEnough } from "./wallet.problems.ts";
import type { WalletRepository } from "./wallet.repository.ts";
import type { Movement } from "./wallet.service.ts";

const BATCH = 200;

/**
 * Sets amounts aside until it is known whether they are spent. A hold resolves once, by whoever comes first: capture,
 * release, or its expiry. The others are told by its `status` how it ended.
 */
export class HoldService {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly wallets: WalletRepository;
      readonly holds: HoldRepository;
      readonly events: WalletEvents;
      readonly ids: Ids;
      readonly clock: Clock;
      readonly log: Logger;
    },
  ) {}

  /**
   * Sets an amount aside for a thing, of which there is one hold at most. Refuses with NotEnoughPoints or NotEnoughCredits.
   * @param movement.expiresAt When it is released by itself; until that happened it can still be captured.
   */
  async hold(tx: Tx, movement: Movement & { expiresAt: Date }): Promise<Hold> {
    const { wallets, holds, ids } = this.dependencies;
    const hold = { ...movement, amount: checkedAmount(movement.amount), id: ids.next("hld") };
    const added = await holds.add(tx, hold);
    if (added) return this.announced(tx, added);
    const state = (await wallets.lock(tx, movement)) ?? { balance: 0, held: 0 };
    const earlier = await holds.taken(tx, movement.key, movement.reference);
    if (earlier) {
      if (!isSame(earlier, movement)) throw idempotencyMismatch();
      return earlier;
    }
    const available = state.balance - state.held;
    if (available < movement.amount) {
      const { balance } = state;
      refuse(notEnough(movement.currency, { needed: movement.amount, balance, available }));
    }
    const late = await holds.add(tx, hold);
    if (!late) throw new Error(`Nothing could be held for ${movement.reference.id}.`);
    return this.announced(tx, late);
  }

  /**
   * Spends what is held for a thing, wholly or in part; the rest is available again.
   * @param amount From 1 to the held amount; all of it when absent.
   * @returns The hold as it is now: RELEASED when it had been released before. @throws NOT_FOUND
   */
  async capture(tx: Tx, capture: { reference: Reference; amount?: number }): Promise<Hold> {
    const amount = capture.amount === undefined ? null : checkedAmount(capture.amount);
    const hold = await this.resolve(tx, capture.reference, amount);
    if (hold.status === "PENDING") {
      throw new RangeError(`The hold ${hold.id} is of ${hold.amount}, not of ${amount}.`);
    }
    const wanted = amount ?? hold.amount;
    if (hold.status === "CAPTURED" && hold.captured !== wanted) throw idempotencyMismatch();
    return hold;
  }

  /** Makes what is held for a thing available again. @returns The hold as it is now: CAPTURED when that came first. @throws NOT_FOUND */
  release(tx: Tx, reference: Reference): Promise<Hold> {
    return this.resolve(tx, reference, 0);
  }

  /** Releases what nobody resolved in time, each in a transaction of its own, past those that fail; returns how many. */
  async releaseExpired(): Promise<number> {
    const { holds, clock } = this.dependencies;
    for (let total = 0; ;) {
      const due = await holds.expired(clock.now(), BATCH);
      let released = 0;
      for (const reference of due) released += (await this.expire(reference)) ? 1 : 0;
      total += released;
      if (due.length < BATCH || released === 0) return total;
    }
  }

  private async expire(reference: Reference): Promise<boolean> {
    const { uow, log } = this.dependencies;
    try {
      return (await uow.run((tx) => this.release(tx, reference))).status === "RELEASED";
    } catch (error) {
      log.error({ err: error, reference }, "an expired hold could not be released");
      return false;
    }
  }

  private async resolve(tx: Tx, reference: Reference, captured: number | null): Promise<Hold> {
    const { holds, ids } = this.dependencies;
    for (let isSecond = false; ; isSecond = true) {
      const resolved = await holds.resolve(tx, { reference, captured, entryId: ids.next("led") });
      if (resolved) return this.announced(tx, resolved);
      const hold = await holds.byReference(tx, reference);
      if (!hold) throw notFound("The hold");
      // A wallet is taken over once: what moved in the moment of the first try stays where it is now.
      const mayHaveMoved = hold.status === "PENDING" && (captured ?? 0) <= hold.amount;
      if (isSecond || !mayHaveMoved) return hold;
    }
  }

  private async announced(tx: Tx, changed: Hold & { version: number }): Promise<Hold> {
    const { version, ...hold } = changed;
    await this.dependencies.events.changed(tx, hold, version);
    return hold;
  }
}

const isSame = (hold: Hold, movement: Movement): boolean =>
  hold.key === movement.key &&
  hold.userId === movement.userId &&
  hold.currency === movement.currency &&
  hold.amount === movement.amount &&
  hold.referenceType === movement.reference.type &&
  hold.referenceId === movement.reference.id;
