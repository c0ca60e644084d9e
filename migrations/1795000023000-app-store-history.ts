import type { MigrationInterface, QueryRunner } from "typeorm";

// What was said of whom, as it was said: a transfer that is told late can still find what it moves.
const STATES = `
  create table app_store_states (
    app_user_id text not null,
    product_id text not null,
    occurred_at timestamptz(3) not null,
    rank integer not null,
    status text not null check (status in
      ('INCOMPLETE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED', 'CANCELED', 'EXPIRED')),
    period_end timestamptz(3),
    grace_until timestamptz(3),
    cancel_at_period_end boolean not null,
    sandbox boolean not null,
    constraint app_store_states_once unique nulls not distinct (app_user_id, product_id,
      occurred_at, rank, status, period_end, grace_until, cancel_at_period_end, sandbox)
  );
`;

const PURCHASES = `
  create table app_store_purchases (
    app_user_id text not null,
    payment_id text not null,
    product_id text not null,
    quantity integer not null check (quantity > 0),
    amount integer check (amount >= 0),
    currency text,
    occurred_at timestamptz(3) not null,
    sandbox boolean not null,
    primary key (app_user_id, payment_id)
  );
`;

const TRANSFERS = `
  create table app_store_transfers (
    from_id text not null,
    to_id text not null check (to_id <> from_id),
    occurred_at timestamptz(3) not null,
    primary key (from_id, to_id, occurred_at)
  );
  create index app_store_transfers_to on app_store_transfers (to_id);
`;

const ALIASES = `
  create table app_store_aliases (
    app_user_id text primary key,
    user_id text not null check (user_id <> app_user_id)
  );
  create index app_store_aliases_user on app_store_aliases (user_id);
`;

export class AppStoreHistory1795000023000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [STATES, PURCHASES, TRANSFERS, ALIASES]) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table app_store_aliases;
      drop table app_store_transfers;
      drop table app_store_purchases;
      drop table app_store_states;
    `);
  }
}
