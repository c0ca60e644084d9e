import type { MigrationInterface, QueryRunner } from "typeorm";

// A user buys as the current customer; others are left over from accounts that were put together.
const CUSTOMERS = `
  create table store_customers (
    store text not null check (store in ('STRIPE', 'DODO', 'REVENUECAT')),
    customer_id text not null check (customer_id <> ''),
    user_id text not null,
    current boolean not null,
    created_at timestamptz(3) not null default now(),
    primary key (store, customer_id)
  );
  create unique index store_customers_current on store_customers (user_id, store) where current;
  create index store_customers_user on store_customers (user_id);
`;

// `snapshot_…`, `paid_at` and `failed_at` are what the store said last, by its own clock; status follows from them.
const SUBSCRIPTIONS = `
  create table subscriptions (
    id text primary key,
    store text not null check (store in ('STRIPE', 'DODO', 'REVENUECAT')),
    store_subscription_id text not null check (store_subscription_id <> ''),
    customer_id text,
    user_id text,
    product_id text,
    status text not null default 'INCOMPLETE' check (status in
      ('INCOMPLETE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED', 'CANCELED', 'EXPIRED')),
    current_period_end timestamptz(3),
    grace_until timestamptz(3),
    past_due_since timestamptz(3),
    cancel_at_period_end boolean not null default false,
    sandbox boolean not null default false,
    snapshot_at timestamptz(3),
    snapshot_rank integer,
    snapshot_status text check (snapshot_status in
      ('INCOMPLETE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED', 'CANCELED', 'EXPIRED')),
    paid_at timestamptz(3),
    failed_at timestamptz(3)[] not null default '{}',
    version integer not null default 1 check (version > 0),
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    constraint subscriptions_of_store unique (store, store_subscription_id),
    check ((status = 'PAST_DUE') = (past_due_since is not null)),
    check (num_nulls(product_id, snapshot_at, snapshot_rank, snapshot_status) in (0, 4)),
    check (snapshot_at is not null or status = 'INCOMPLETE'),
    check (cardinality(failed_at) <= 100)
  );
  create index subscriptions_user on subscriptions (user_id) where user_id is not null;
  create index subscriptions_customer on subscriptions (store, customer_id)
    where customer_id is not null;
`;

export class Subscriptions1795000021000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CUSTOMERS);
    await runner.query(SUBSCRIPTIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table subscriptions; drop table store_customers;");
  }
}
