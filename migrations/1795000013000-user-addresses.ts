import type { MigrationInterface, QueryRunner } from "typeorm";

/** Where users want parcels and invoices sent. */
export class UserAddresses1795000013000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table user_addresses (
        id text primary key,
        user_id text not null references users on delete cascade,
        type text not null check (type in ('SHIPPING', 'BILLING')),
        first_name text not null,
        last_name text not null,
        company text,
        address_line1 text not null,
        address_line2 text,
        city text not null,
        state text,
        postal_code text,
        country text not null check (country ~ '^[A-Z]{2}$'),
        phone text check (phone ~ '^\\+[1-9][0-9]{6,14}$'),
        is_default boolean not null default false,
        created_at timestamptz(3) not null default now(),
        updated_at timestamptz(3) not null default now()
      );
      create index user_addresses_of_user on user_addresses (user_id, id);
      create unique index user_addresses_default on user_addresses (user_id, type)
        where is_default;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table user_addresses");
  }
}
