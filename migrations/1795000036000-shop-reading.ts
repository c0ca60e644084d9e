import type { MigrationInterface, QueryRunner } from "typeorm";

/** Latin words are found by full text and, misspelt, by trigrams; Khmer has no spaces and is found by pairs of letters. */
const SEARCH = `
  create extension if not exists pg_trgm;

  -- Letters without the invisible marks that some keyboards put between words.
  create function khmer_text(words text) returns text
    language sql immutable strict parallel safe
    return translate(words, U&'\\200B\\200C\\200D\\FEFF', '');

  create function khmer_grams(words text) returns text[]
    language sql immutable strict parallel safe
    return (
      select coalesce(array_agg(distinct gram), '{}')
      from regexp_matches(khmer_text(words), '[\\u1780-\\u17FF]+', 'g') as run(letters)
      cross join lateral generate_series(1, length(letters[1])) as place
      cross join lateral (
        values (substr(letters[1], place, 1)), (substr(letters[1], place, 2))
      ) as part(gram)
    );

  alter table products
    add search_words tsvector not null generated always as (
      setweight(to_tsvector('simple', name_en || ' ' || brand), 'A')
      || setweight(to_tsvector('english', name_en), 'A')
      || setweight(to_tsvector('english', coalesce(short_description_en, '')), 'B')
      || setweight(to_tsvector('simple', ingredients), 'C')
      || setweight(to_tsvector('english', description_en), 'D')
    ) stored,
    add search_text text not null generated always as (lower(name_en || ' ' || brand)) stored,
    add search_khmer text not null generated always as (
      khmer_text(coalesce(name_kh, '') || ' ' || coalesce(description_kh, ''))
    ) stored,
    add search_grams text[] not null generated always as (
      khmer_grams(coalesce(name_kh, '') || ' ' || coalesce(description_kh, ''))
    ) stored;
  create index products_search_words on products using gin (search_words);
  create index products_search_text on products using gin (search_text gin_trgm_ops);
  create index products_search_grams on products using gin (search_grams);
  create index products_by_brand on products (brand, published_at desc, id desc)
    where status = 'active';
  create index products_brand_prefix on products (lower(brand) collate "C", brand)
    where status = 'active';
`;

const RATINGS = `
  alter table products
    -- Approved reviews with one star, two stars and so on; kept by the triggers of reviews.
    add rating_histogram integer[] not null default '{0,0,0,0,0}'
      constraint products_rating_histogram
      check (array_length(rating_histogram, 1) = 5 and 0 <= all (rating_histogram)),
    add review_count integer not null generated always as (
      rating_histogram[1] + rating_histogram[2] + rating_histogram[3] + rating_histogram[4]
      + rating_histogram[5]
    ) stored,
    -- 0 without reviews, so that orders have a place for them.
    add rating_average numeric(3, 2) not null generated always as (
      coalesce(
        (rating_histogram[1] + 2 * rating_histogram[2] + 3 * rating_histogram[3]
          + 4 * rating_histogram[4] + 5 * rating_histogram[5])::numeric
        / nullif(
          rating_histogram[1] + rating_histogram[2] + rating_histogram[3] + rating_histogram[4]
          + rating_histogram[5], 0),
        0)
    ) stored,
    add units_sold integer not null default 0 check (units_sold >= 0);
  create index products_by_rating on products (rating_average, review_count, id)
    where status = 'active';
  create index products_best_selling on products (units_sold, id) where status = 'active';
  -- What is counted for every filter of the shop, without the long texts.
  create index products_facets on products (id)
    include (brand, price, skin_types, skin_concerns) where status = 'active';
  create view product_rating_summary as
    select id as product_id, rating_average, review_count, rating_histogram from products;
`;

const REVIEWS = `
  create table reviews (
    id text primary key,
    product_id text not null references products on delete cascade,
    user_id text references users on delete set null,
    -- First name at the time of writing; null once the writer has left.
    author_name text check (length(author_name) between 1 and 100),
    rating smallint not null check (rating between 1 and 5),
    title text check (length(title) between 1 and 160),
    comment text not null check (length(comment) <= 5000),
    status text not null default 'PENDING' check (status in ('PENDING', 'APPROVED', 'REJECTED')),
    is_verified_purchase boolean not null default false,
    helpful_count integer not null default 0 check (helpful_count >= 0),
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    constraint reviews_one_each unique (user_id, product_id)
  );
  create index reviews_of_product on reviews (product_id);
  create index reviews_newest on reviews (product_id, created_at desc, id desc)
    where status = 'APPROVED';
  create index reviews_by_rating on reviews (product_id, rating, created_at, id)
    where status = 'APPROVED';
  create index reviews_helpful on reviews (product_id, helpful_count, created_at, id)
    where status = 'APPROVED';
  create index reviews_waiting on reviews (created_at, id) where status = 'PENDING';

  -- Statement by statement, so that a bulk load updates each product once.
  create function count_ratings(product_ids text[], ratings integer[], steps integer[])
    returns void language plpgsql strict as $$
  begin
    -- In id order: writers of several products never wait for each other in a circle.
    perform 1 from products where id = any (product_ids) order by id for no key update;
    update products p
    set rating_histogram = (
      select array_agg(
        p.rating_histogram[star] + coalesce(changed.steps[star], 0) order by star
      ) from generate_series(1, 5) as star
    )
    from (
      select product_id, array[
        sum(step) filter (where rating = 1), sum(step) filter (where rating = 2),
        sum(step) filter (where rating = 3), sum(step) filter (where rating = 4),
        sum(step) filter (where rating = 5)]::integer[] as steps
      from unnest(product_ids, ratings, steps) as given(product_id, rating, step)
      group by product_id
    ) as changed
    where p.id = changed.product_id;
  end $$;

  create function reviews_added() returns trigger language plpgsql as $$
  begin
    perform count_ratings(array_agg(product_id), array_agg(rating::integer), array_agg(1))
    from new_rows where status = 'APPROVED';
    return null;
  end $$;
  create function reviews_removed() returns trigger language plpgsql as $$
  begin
    perform count_ratings(array_agg(product_id), array_agg(rating::integer), array_agg(-1))
    from old_rows where status = 'APPROVED';
    return null;
  end $$;
  create function reviews_changed() returns trigger language plpgsql as $$
  begin
    perform count_ratings(array_agg(product_id), array_agg(rating::integer), array_agg(step))
    from (
      select product_id, rating, sum(step)::integer as step from (
        select product_id, rating, 1 as step from new_rows where status = 'APPROVED'
        union all
        select product_id, rating, -1 from old_rows where status = 'APPROVED'
      ) as both_sides
      group by product_id, rating having sum(step) <> 0
    ) as moved;
    return null;
  end $$;
  create trigger reviews_added after insert on reviews
    referencing new table as new_rows for each statement execute function reviews_added();
  create trigger reviews_removed after delete on reviews
    referencing old table as old_rows for each statement execute function reviews_removed();
  create trigger reviews_changed after update on reviews
    referencing old table as old_rows new table as new_rows
    for each statement execute function reviews_changed();
`;

const WISHLISTS = `
  create table wishlist_items (
    user_id text not null references users on delete cascade,
    product_id text not null references products on delete cascade,
    created_at timestamptz(3) not null default now(),
    primary key (user_id, product_id)
  );
  create index wishlist_items_newest on wishlist_items (user_id, created_at desc, product_id desc);
  create index wishlist_items_of_product on wishlist_items (product_id);
`;

export class ShopReading1795000036000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SEARCH);
    await runner.query(RATINGS);
    await runner.query(REVIEWS);
    await runner.query(WISHLISTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table wishlist_items;
      drop table reviews;
      drop function reviews_changed;
      drop function reviews_removed;
      drop function reviews_added;
      drop function count_ratings;
      drop view product_rating_summary;
      drop index products_facets;
      alter table products
        drop units_sold, drop rating_average, drop review_count, drop rating_histogram;
      drop index products_brand_prefix;
      drop index products_by_brand;
      alter table products
        drop search_grams, drop search_khmer, drop search_text, drop search_words;
      drop function khmer_grams;
      drop function khmer_text;
      drop extension pg_trgm;
    `);
  }
}
