import type { MigrationInterface, QueryRunner } from "typeorm";

const SKIN_TYPES = "{OILY,DRY,COMBINATION,SENSITIVE,NORMAL,ACNE}";
const SKIN_CONCERNS =
  "{DRYNESS,TEXTURE,DULLNESS,DARK_SPOTS,LOSS_OF_FIRMNESS,FINE_LINES,ACNE,DARK_CIRCLES,REDNESS,OILINESS}";
const SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$";

const CATEGORIES = `
  create table categories (
    id text primary key,
    slug text not null constraint categories_slug unique
      check (slug ~ '${SLUG}' and length(slug) <= 100),
    name_en text not null check (length(name_en) between 1 and 160),
    name_kh text check (length(name_kh) between 1 and 160),
    description_en text,
    description_kh text,
    parent_id text references categories on delete set null check (parent_id <> id),
    image text,
    is_active boolean not null default true,
    sort_order integer not null default 0,
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now()
  );
  create index categories_tree on categories (parent_id, sort_order, id);
`;

const PRODUCTS = `
  create function ingredient_names(ingredients jsonb) returns text[]
    language sql immutable strict parallel safe
    return (
      select coalesce(array_agg(distinct lower(trim(name)) order by lower(trim(name))), '{}')
      from jsonb_array_elements_text(ingredients) as ingredient(label)
      cross join lateral regexp_split_to_table(label, '[()/]') as part(name)
      where trim(name) <> ''
    );

  create table products (
    id text primary key,
    slug text not null constraint products_slug unique
      check (slug ~ '${SLUG}' and length(slug) <= 100),
    sku text not null constraint products_sku unique check (length(sku) between 1 and 64),
    barcode text check (length(barcode) between 1 and 64),
    name_en text not null check (length(name_en) between 1 and 160),
    name_kh text check (length(name_kh) between 1 and 160),
    brand text not null check (length(brand) between 1 and 100),
    description_en text not null,
    description_kh text,
    short_description_en text,
    short_description_kh text,
    usage_instructions_en text,
    usage_instructions_kh text,
    price numeric(10, 2) not null check (price > 0),
    compare_at_price numeric(10, 2) check (compare_at_price >= price),
    cost_price numeric(10, 2) check (cost_price >= 0),
    stock integer not null default 0,
    track_inventory boolean not null default true,
    allow_backorders boolean not null default false,
    weight_grams integer check (weight_grams > 0),
    dimensions jsonb check (jsonb_typeof(dimensions) = 'object'),
    category_id text references categories on delete set null,
    skin_types text[] not null default '{}' check (skin_types <@ '${SKIN_TYPES}'),
    skin_concerns text[] not null default '{}' check (skin_concerns <@ '${SKIN_CONCERNS}'),
    ingredients jsonb not null default '[]' check (jsonb_typeof(ingredients) = 'array'),
    ingredient_names text[] not null generated always as (ingredient_names(ingredients)) stored,
    image text,
    meta_title text,
    meta_description text,
    status text not null default 'draft' check (status in ('draft', 'active', 'archived')),
    is_featured boolean not null default false,
    published_at timestamptz(3),
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    constraint products_published check (status <> 'active' or published_at is not null),
    constraint products_stock check (stock >= 0 or allow_backorders or not track_inventory)
  );
  create index products_newest on products (published_at desc, id desc) where status = 'active';
  create index products_featured on products (published_at desc, id desc)
    where status = 'active' and is_featured;
  create index products_by_price on products (price, id) where status = 'active';
  create index products_by_name on products (lower(name_en) collate "C", id)
    where status = 'active';
  create index products_skin_concerns on products using gin (skin_concerns);
  create index products_skin_types on products using gin (skin_types);
  create index products_ingredient_names on products using gin (ingredient_names);
  create index products_of_primary_category on products (category_id);
`;

const LINKS_AND_IMAGES = `
  create table product_categories (
    product_id text not null references products on delete cascade,
    category_id text not null references categories on delete cascade,
    primary key (product_id, category_id)
  );
  create index product_categories_of_category on product_categories (category_id, product_id);

  create table product_images (
    id text primary key,
    product_id text not null references products on delete cascade,
    image text not null,
    alt_text_en text,
    alt_text_kh text,
    sort_order integer not null default 0 check (sort_order >= 0),
    is_primary boolean not null default false,
    constraint product_images_place unique (product_id, sort_order)
  );
  create unique index product_images_primary on product_images (product_id) where is_primary;
`;

export class CatalogTables1795000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CATEGORIES);
    await runner.query(PRODUCTS);
    await runner.query(LINKS_AND_IMAGES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table product_images;
      drop table product_categories;
      drop table products;
      drop function ingredient_names;
      drop table categories;
    `);
  }
}
