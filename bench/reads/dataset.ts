import type pg from "pg";

/** How much the benchmark reads from. */
export const SIZES = { users: 1_000, products: 5_000, categories: 200, reviews: 100_000 } as const;

const TABLES = `
  create table users (id text primary key, name text not null, email text not null);
  create table categories (id text primary key, slug text not null unique, name text not null);
  create table products (
    id text primary key, slug text not null unique, name text not null, brand text not null,
    description text not null, price numeric(10, 2) not null, stock integer not null,
    is_featured boolean not null, image_url text, rating_average float8 not null default 0,
    published_at timestamptz(3) not null
  );
  create table product_categories (
    product_id text not null references products, category_id text not null references categories,
    primary key (product_id, category_id)
  );
  create index on product_categories (category_id);
  create table reviews (
    id text primary key, product_id text not null references products,
    user_id text not null references users, rating integer not null, title text not null,
    body text not null, created_at timestamptz(3) not null
  );
  create index on reviews (product_id, created_at desc, id desc);
  create index on reviews (user_id);
  create index on products (published_at desc, id desc);
`;

/** The same rows every time: no clock and no chance. */
const ROWS = [
  `insert into users select 'usr_' || lpad(i::text, 6, '0'), 'Customer ' || i, 'c' || i || '@example.org'
   from generate_series(1, ${SIZES.users}) i`,
  `insert into categories select 'cat_' || lpad(i::text, 6, '0'), 'category-' || i, 'Category ' || i
   from generate_series(1, ${SIZES.categories}) i`,
  `insert into products
   select 'prd_' || lpad(i::text, 6, '0'), 'product-' || i, 'Product "' || i || '" – ផលិតផល',
     'Brand ' || i % 80, repeat('A light gel for every day. ', 4) || i, (i * 37 % 9900 + 100) / 100.0,
     i * 7 % 300, i % 11 = 0, case when i % 9 = 0 then null else '/images/' || i || '.webp' end, 0,
     timestamptz '2026-01-01 00:00:00Z' + make_interval(mins => i * 7919 % 500000)
   from generate_series(1, ${SIZES.products}) i`,
  `insert into product_categories
   select distinct 'prd_' || lpad(i::text, 6, '0'),
     'cat_' || lpad(((i * k * 31 + k) % ${SIZES.categories} + 1)::text, 6, '0')
   from generate_series(1, ${SIZES.products}) i, generate_series(1, 3) k`,
  `insert into reviews
   select 'rev_' || lpad(i::text, 7, '0'),
     'prd_' || lpad((i * 13 % ${SIZES.products} + 1)::text, 6, '0'),
     'usr_' || lpad((i * 17 % ${SIZES.users} + 1)::text, 6, '0'),
     i * 29 % 5 + 1, 'Review ' || i, repeat('I use it each morning. ', 3) || i,
     timestamptz '2026-02-01 00:00:00Z' + make_interval(secs => (i::bigint * 104729 % 9999991)::int)
   from generate_series(1, ${SIZES.reviews}) i`,
  `update products p set rating_average = r.average from
     (select product_id, round(avg(rating), 2)::float8 as average from reviews group by product_id) r
   where r.product_id = p.id`,
];

/** Creates and fills the tables in an empty database. */
export async function fill(client: pg.Client): Promise<void> {
  await client.query(TABLES);
  for (const statement of ROWS) await client.query(statement);
  await client.query("vacuum analyze");
}
