import type { MigrationInterface, QueryRunner } from "typeorm";

const CHECKOUTS = `
  create table credit_checkouts (
    id text primary key,
    user_id text not null,
    opened_by text not null,
    package_name text not null,
    product_id text not null,
    idempotency_key text not null,
    return_url text not null,
    cancel_url text not null,
    store_checkout_id text unique,
    url text,
    created_at timestamptz(3) not null default now(),
    constraint credit_checkouts_key unique (opened_by, idempotency_key),
    check ((store_checkout_id is null) = (url is null))
  );
  create index credit_checkouts_of_user on credit_checkouts (user_id, id desc);
`;

const PAYMENTS = `
  create table payments (
    id text primary key,
    store text not null check (store in ('STRIPE', 'DODO', 'REVENUECAT')),
    store_payment_id text not null,
    user_id text,
    checkout_id text references credit_checkouts (id) on delete set null,
    product_id text,
    package_name text,
    currency text check (currency in ('POINTS', 'CREDITS')),
    amount integer check (amount > 0),
    money_amount integer check (money_amount >= 0),
    money_currency text check (money_currency ~ '^[A-Z]{3}$'),
    status text not null default 'PENDING'
      check (status in ('PENDING', 'CANCELED', 'FAILED', 'SUCCEEDED')),
    dispute text check (dispute in ('OPENED', 'LOST')),
    refunded_amount integer not null default 0 check (refunded_amount >= 0),
    undone integer not null default 0 check (undone >= 0),
    sandbox boolean not null default false,
    version integer not null default 0 check (version >= 0),
    occurred_at timestamptz(3),
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    constraint payments_once unique (store, store_payment_id),
    check (num_nulls(user_id, product_id, package_name, currency, amount, occurred_at) in (0, 6)),
    check (status = 'PENDING' or user_id is not null),
    check (undone = 0 or undone <= amount),
    check (undone = 0 or status = 'SUCCEEDED'),
    check (refunded_amount = 0 or status = 'SUCCEEDED')
  );
  create index payments_of_user on payments (user_id, id desc);
`;

const REFUNDS = `
  create table payment_refunds (
    id text primary key,
    payment_id text not null references payments (id),
    store text not null,
    store_refund_id text not null,
    reason text not null check (reason in ('REFUND', 'DISPUTE')),
    asked_amount integer check (asked_amount >= 0),
    status text not null default 'WAITING' check (status in ('WAITING', 'SETTLED')),
    amount integer check (amount >= 0),
    taken_back integer not null default 0 check (taken_back >= 0),
    debt integer not null default 0 check (debt >= 0),
    occurred_at timestamptz(3) not null,
    created_at timestamptz(3) not null default now(),
    settled_at timestamptz(3),
    constraint payment_refunds_once unique (store, store_refund_id),
    check ((status = 'SETTLED') = (settled_at is not null)),
    check (status = 'SETTLED' or (amount is null and taken_back = 0 and debt = 0))
  );
  create index payment_refunds_of_payment on payment_refunds (payment_id);
  create index payment_refunds_with_debt on payment_refunds (id) where debt > 0;
`;

/** What was bought once, what was given back of it, and where buying began. */
export class Payments1795000022000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHECKOUTS);
    await runner.query(PAYMENTS);
    await runner.query(REFUNDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      "drop table payment_refunds; drop table payments; drop table credit_checkouts;",
    );
  }
}
