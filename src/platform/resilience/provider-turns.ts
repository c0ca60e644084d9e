import { setTimeout as pause } from "node:timers/promises";
import type { UnitOfWork } from "../db/unit-of-work.ts";
import {
  AHEAD,
  FORGET,
  GRANT,
  KEEP,
  LEFT,
  LEAVE,
  RELEASE,
  RELEASE_LEFT,
  RENEW,
  WAIT,
} from "./turn-sql.ts";

const LOCK_CLASS = 4_711_004;
/** A holder that was not seen for this long has died; its turn goes on to the next, unless it is kept. */
const LEASE_SECONDS = 30;
const RENEW_MS = 5_000;
/** The next in line asks this often, and whoever has others before it less often. */
const ASK_MS = 500;
const MAX_ASK_MS = 5_000;

/** The holder did not renew its turn in time, and somebody else has it. */
export class TurnLost extends Error {
  constructor(provider: string) {
    super(`The turn at ${provider} was lost.`);
  }
}

/** Whose turn is asked for, at what, and how. */
export interface TurnRequest {
  readonly provider: string;
  readonly holder: string;
  /** The least time between the beginnings of two turns. */
  readonly spacingMs: number;
  readonly signal: AbortSignal;
  /**
   * Whether work that a turn is kept for, and that nobody follows any more, has ended. Who is next in line asks again and
   * again: answer at once, and false where it cannot be told.
   */
  hasEnded?(work: string): Promise<boolean>;
}

/** A turn while it is held. */
export interface HeldTurn {
  /** Aborts with the request's, and when the turn was lost. */
  readonly signal: AbortSignal;
  /**
   * Something is about to go on at the provider by itself: the turn stays taken for that long whatever becomes of its
   * holder, or until `end`.
   * @param work the provider's id of it, by which others can find out that it has ended
   * @throws TurnLost when it is too late for that
   */
  keep(forMs: number, work?: string): Promise<void>;
  /** Nothing goes on at the provider: the turn ends with its holder again. */
  end(): void;
}

/**
 * Lets one at a time, over all processes, work at a provider whose account allows no more. Who asked first goes first.
 * A turn that is kept outlasts its holder: who comes back as the same holder has it still, and otherwise the next in line
 * finds out when it is over.
 */
export class ProviderTurns {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Waits for the turn, holds it while `work` runs, and gives it back unless it is kept. A holder that comes again after a
   * crash goes on with the turn that it had.
   * @throws the signal's reason, TurnLost, or what `work` throws
   */
  async take<T>(turn: TurnRequest, work: (held: HeldTurn) => Promise<T>): Promise<T> {
    const { provider, holder, signal } = turn;
    try {
      for (let ahead = await this.ask(turn); ahead !== null; ahead = await this.ask(turn)) {
        await pause(Math.min((ahead + 1) * ASK_MS, MAX_ASK_MS), undefined, { signal });
      }
    } catch (error) {
      await this.quietly(RELEASE, [provider, holder]);
      throw error;
    }
    return this.hold(turn, work, false);
  }

  /** Goes on with work that a turn was kept for: with the turn if it is still the holder's, else without. Waits for nobody. */
  resume<T>(turn: TurnRequest, work: (held: HeldTurn) => Promise<T>): Promise<T> {
    return this.hold(turn, work, true);
  }

  /** Null once it is this holder's turn, else how many stand before it. */
  private async ask(turn: TurnRequest): Promise<number | null> {
    const { provider, holder, spacingMs } = turn;
    const spacing = spacingMs / 1000;
    const answer = await this.unitOfWork.run(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1, hashtext($2))", [LOCK_CLASS, provider]);
      await tx.execute(FORGET, [provider, LEASE_SECONDS, spacing]);
      await tx.execute(WAIT, [provider, holder]);
      const granted = await tx.query(GRANT, [provider, holder, spacing]);
      if (granted.length > 0) return null;
      const [line] = await tx.query<{ ahead: number }>(AHEAD, [provider, holder]);
      const ahead = line?.ahead ?? 0;
      const left = ahead > 0 ? [] : await tx.query<LeftTurn>(LEFT, [provider, LEASE_SECONDS]);
      return { ahead, left };
    });
    if (answer === null) return null;
    for (const { holder: other, work } of answer.left) {
      if (!(await turn.hasEnded?.(work))) continue;
      await this.run(RELEASE_LEFT, [provider, other, work]);
    }
    return answer.ahead;
  }

  private async hold<T>(
    turn: TurnRequest,
    work: (held: HeldTurn) => Promise<T>,
    resumes: boolean,
  ): Promise<T> {
    const { provider, holder } = turn;
    const key = [provider, holder];
    const lost = new AbortController();
    let isKept = resumes;
    const renew = async () => {
      // Work that goes on by itself is followed to its end, with the turn or without.
      if ((await this.run(RENEW, key)) === 0 && !isKept) lost.abort(new TurnLost(provider));
    };
    // A store that is away for a moment: the next renewal decides.
    const renewals = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
    try {
      if (resumes) await renew();
      return await work({
        signal: AbortSignal.any([turn.signal, lost.signal]),
        keep: async (forMs, what) => {
          const rows = await this.run(KEEP, [...key, forMs / 1000, what ?? null]);
          if (rows === 0 && !isKept) throw new TurnLost(provider);
          isKept = true;
        },
        end: () => {
          isKept = false;
        },
      });
    } finally {
      clearInterval(renewals);
      await this.quietly(isKept ? LEAVE : RELEASE, key);
    }
  }

  private run(statement: string, values: readonly unknown[]): Promise<number> {
    return this.unitOfWork.run((tx) => tx.execute(statement, values));
  }

  /** It runs out by itself. */
  private async quietly(statement: string, values: readonly unknown[]): Promise<void> {
    await this.run(statement, values).catch(() => undefined);
  }
}

interface LeftTurn {
  readonly holder: string;
  readonly work: string;
}
