import { setTimeout as pause } from "node:timers/promises";
import type { UnitOfWork } from "../db/unit-of-work.ts";

const LOCK_CLASS = 4_711_004;
/** A holder that was not seen for this long has died; its turn goes on to the next. */
const LEASE_SECONDS = 30;
const RENEW_MS = 5_000;
const ASK_MS = 500;

/** The holder did not renew its turn in time, and somebody else has it. */
export class TurnLost extends Error {
  constructor(provider: string) {
    super(`The turn at ${provider} was lost.`);
  }
}

/**
 * Lets one at a time, over all processes, work at a provider whose account allows no more. Who asked first goes first.
 */
export class ProviderTurns {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Waits for the turn, holds it while `work` runs, and gives it back. A holder that comes again after a crash goes on with the
   * turn that it had.
   * @param turn.spacingMs the least time between the beginnings of two turns
   * @throws the signal's reason, TurnLost, or what `work` throws
   */
  async take<T>(
    turn: { provider: string; holder: string; spacingMs: number; signal: AbortSignal },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { provider, holder, signal } = turn;
    const lost = new AbortController();
    let renewals: NodeJS.Timeout | undefined;
    try {
      while (!(await this.ask(turn))) await pause(ASK_MS, undefined, { signal });
      renewals = setInterval(() => {
        this.renew(provider, holder, lost);
      }, RENEW_MS);
      return await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      clearInterval(renewals);
      await this.release(provider, holder);
    }
  }

  private ask({
    provider,
    holder,
    spacingMs,
  }: {
    provider: string;
    holder: string;
    spacingMs: number;
  }): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1, hashtext($2))", [LOCK_CLASS, provider]);
      await tx.execute(FORGET, [provider, LEASE_SECONDS, spacingMs / 1000]);
      await tx.execute(
        `insert into provider_turns (provider, holder) values ($1, $2)
         on conflict (provider, holder) do update set seen_at = clock_timestamp(),
           released_at = null, granted_at = case when provider_turns.released_at is null
             then provider_turns.granted_at end`,
        [provider, holder],
      );
      const granted = await tx.query(GRANT, [provider, holder, spacingMs / 1000]);
      return granted.length > 0;
    });
  }

  private renew(provider: string, holder: string, lost: AbortController): void {
    const renewed = this.unitOfWork.run((tx) =>
      tx.execute(
        `update provider_turns set seen_at = clock_timestamp()
         where provider = $1 and holder = $2 and granted_at is not null and released_at is null`,
        [provider, holder],
      ),
    );
    renewed.then(
      (rows) => {
        if (rows === 0) lost.abort(new TurnLost(provider));
      },
      // A store that is away for a moment: the next renewal decides.
      () => undefined,
    );
  }

  private async release(provider: string, holder: string): Promise<void> {
    await this.unitOfWork
      .run((tx) =>
        tx.execute(
          `with waiting as (delete from provider_turns
             where provider = $1 and holder = $2 and granted_at is null)
           update provider_turns set released_at = clock_timestamp()
           where provider = $1 and holder = $2 and granted_at is not null`,
          [provider, holder],
        ),
      )
      // It runs out by itself.
      .catch(() => undefined);
  }
}

const FORGET = `
  delete from provider_turns where provider = $1
    and (seen_at < clock_timestamp() - make_interval(secs => $2)
      or released_at < clock_timestamp() - make_interval(secs => $3))`;

const GRANT = `
  update provider_turns mine set granted_at = coalesce(granted_at, clock_timestamp())
  where provider = $1 and holder = $2 and (granted_at is not null or (
    not exists (select 1 from provider_turns other where other.provider = $1
      and other.holder <> $2 and other.granted_at is not null
      and (other.released_at is null
        or other.granted_at > clock_timestamp() - make_interval(secs => $3)))
    and not exists (select 1 from provider_turns earlier where earlier.provider = $1
      and earlier.granted_at is null and (earlier.requested_at, earlier.holder)
        < (mine.requested_at, mine.holder))))
  returning 1`;
