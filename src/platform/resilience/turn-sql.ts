/** The statements on `provider_turns`: $1 is always the provider, and $2 the holder where one is meant. */

/** Drops the turns of the dead, unless they are kept, and those that no longer count for the spacing. */
export const FORGET = `
  delete from provider_turns where provider = $1
    and ((seen_at < clock_timestamp() - make_interval(secs => $2)
        and coalesce(kept_until, '-infinity') < clock_timestamp())
      or released_at < clock_timestamp() - make_interval(secs => $3))`;

/** A turn that was just given back is asked for anew once it no longer counts. */
export const WAIT = `
  insert into provider_turns (provider, holder) values ($1, $2)
  on conflict (provider, holder) do update set seen_at = clock_timestamp()
    where provider_turns.released_at is null`;

export const GRANT = `
  update provider_turns mine set granted_at = coalesce(granted_at, clock_timestamp())
  where provider = $1 and holder = $2 and released_at is null and (granted_at is not null or (
    not exists (select 1 from provider_turns other where other.provider = $1
      and other.holder <> $2 and other.granted_at is not null
      and (other.released_at is null
        or other.granted_at > clock_timestamp() - make_interval(secs => $3)))
    and not exists (select 1 from provider_turns earlier where earlier.provider = $1
      and earlier.granted_at is null and (earlier.requested_at, earlier.holder)
        < (mine.requested_at, mine.holder))))
  returning 1`;

/** How many asked before this holder and wait still. */
export const AHEAD = `
  select count(*)::int as ahead from provider_turns mine join provider_turns earlier
    on earlier.provider = mine.provider and earlier.granted_at is null
    and (earlier.requested_at, earlier.holder) < (mine.requested_at, mine.holder)
  where mine.provider = $1 and mine.holder = $2`;

/** What is kept and followed by nobody. */
export const LEFT = `
  select holder, work from provider_turns
  where provider = $1 and work is not null and released_at is null
    and seen_at < clock_timestamp() - make_interval(secs => $2)`;

const HELD = "provider = $1 and holder = $2 and granted_at is not null and released_at is null";

export const RENEW = `update provider_turns set seen_at = clock_timestamp() where ${HELD}`;

export const KEEP = `
  update provider_turns set kept_until = clock_timestamp() + make_interval(secs => $3), work = $4
  where ${HELD}`;

/** Nobody follows it from now on. */
export const LEAVE = `update provider_turns set seen_at = '-infinity' where ${HELD}`;

export const RELEASE = `
  with waiting as (delete from provider_turns
    where provider = $1 and holder = $2 and granted_at is null)
  update provider_turns set released_at = clock_timestamp() where ${HELD}`;

/** Its holder may have come back with other work in the meantime. */
export const RELEASE_LEFT = `
  update provider_turns set released_at = clock_timestamp() where ${HELD} and work = $3`;
