import type { MigrationInterface, QueryRunner } from "typeorm";

const WALLETS = `
  create table wallets (
    user_id text not null,
    currency text not null check (currency in ('POINTS', 'CREDITS')),
    balance integer not null default 0 check (balance >= 0),
    held integer not null default 0 check (held >= 0),
    last_seq integer not null default 0 check (last_seq >= 0),
    version integer not null default 0 check (version >= 0),
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    primary key (user_id, currency),
    check (held <= balance)
  );
`;

const LEDGER = `
  create table ledger_entries (
    id text primary key,
    user_id text not null,
    currency text not null,
    seq integer not null check (seq > 0),
    delta integer not null,
    kind text not null,
    reference_type text not null,
    reference_id text not null,
    idempotency_key text not null,
    balance_after integer not null check (balance_after >= 0),
    shortfall integer not null default 0 check (shortfall >= 0),
    reward_week date,
    refund_of text references ledger_entries (id),
    created_at timestamptz(3) not null default clock_timestamp(),
    constraint ledger_entries_key unique (idempotency_key),
    constraint ledger_entries_seq unique (user_id, currency, seq),
    foreign key (user_id, currency) references wallets (user_id, currency),
    check (case kind
      when 'PURCHASE' then delta > 0
      when 'REWARD' then delta > 0
      when 'CONSUME' then delta < 0
      when 'CAPTURE' then delta < 0
      when 'REFUND' then delta <> 0 or shortfall > 0
      when 'ADJUSTMENT' then delta <> 0
      else false end),
    check ((kind = 'REFUND') = (refund_of is not null)),
    check (shortfall = 0 or (kind = 'REFUND' and delta <= 0)),
    check (reward_week is null or (kind = 'REWARD' and extract(isodow from reward_week) = 1))
  );
  create unique index ledger_entries_reward_week on ledger_entries (user_id, reward_week)
    where reward_week is not null;
  create index ledger_entries_refund_of on ledger_entries (refund_of)
    where refund_of is not null;

  create function refuse_ledger_change() returns trigger language plpgsql as $$
  begin
    raise exception 'ledger entries are never changed: add one that corrects'
      using errcode = 'restrict_violation';
  end $$;
  create trigger ledger_entries_append_only before update or delete on ledger_entries
    for each row execute function refuse_ledger_change();
  create trigger ledger_entries_never_emptied before truncate on ledger_entries
    for each statement execute function refuse_ledger_change();
`;

const HOLDS = `
  create table holds (
    id text primary key,
    user_id text not null,
    currency text not null,
    amount integer not null check (amount > 0),
    status text not null default 'PENDING'
      check (status in ('PENDING', 'CAPTURED', 'RELEASED')),
    captured integer not null default 0 check (captured between 0 and amount),
    reference_type text not null,
    reference_id text not null,
    idempotency_key text not null,
    expires_at timestamptz(3) not null,
    created_at timestamptz(3) not null default now(),
    resolved_at timestamptz(3),
    constraint holds_key unique (idempotency_key),
    constraint holds_reference unique (reference_type, reference_id),
    foreign key (user_id, currency) references wallets (user_id, currency),
    check ((status = 'PENDING') = (resolved_at is null)),
    check ((status = 'CAPTURED') = (captured > 0))
  );
  create index holds_pending on holds (expires_at) where status = 'PENDING';
`;

export class WalletTables1795000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WALLETS);
    await runner.query(LEDGER);
    await runner.query(HOLDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table holds;
      drop table ledger_entries;
      drop function refuse_ledger_change();
      drop table wallets;
    `);
  }
}
