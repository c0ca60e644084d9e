import pg from "pg";
import { openShop, type Shop } from "../shop.ts";
import { freshDatabase } from "../../../support/database.ts";

/** A shop of the size that its plans are judged by. */
export interface LargeShop extends Shop {
  /** Somebody with forty wishes. */
  readonly wisher: string;
}

const ids = (prefix: string, number: string) => `'${prefix}_' || lpad((${number})::text, 13, '0')`;

/** Ten on top, nine below each, one below each of those: three levels. */
const CATEGORIES = `
  insert into categories (id, slug, name_en, name_kh, parent_id, sort_order)
  select ${ids("cat", "n")}, 'shelf-' || n, 'Shelf ' || n, 'ធ្នើ ' || n,
    case when n <= 10 then null when n <= 100 then ${ids("cat", "1 + n % 10")}
      else ${ids("cat", "n - 90")} end, n % 7
  from generate_series(1, 190) as n`;

const REVIEWS = `
  insert into reviews (id, product_id, user_id, rating, comment, status, helpful_count, created_at)
  select ${ids("rev", "n")}, ${ids("prd", "1 + n % 5000")},
    ${ids("usr", "1 + (n / 5000 * 37 + n) % 1000")}, 1 + (n / 5000 + n) % 5, 'Fine.',
    case when n % 19 = 0 then 'PENDING' else 'APPROVED' end, n % 13,
    timestamptz '2026-01-01' + n * interval '1 min'
  from generate_series(0, 99999) as n`;

/** With what the triggers of reviews would have counted. */
const PRODUCTS = `
  insert into products (id, slug, sku, name_en, name_kh, brand, description_en, price, stock, status,
    is_featured, published_at, skin_concerns, skin_types, ingredients, units_sold, rating_histogram)
  select ${ids("prd", "n")}, 'made-' || n, 'MADE-' || n,
    (array['Serum','Cream','Cleanser','Toner'])[1 + n % 4] || ' ' || n,
    case when n % 50 = 0 then 'សេរ៉ូម' else 'ទឹក' end, 'House ' || n % 80, repeat('A text. ', 50),
    1 + n % 5000 / 100.0, n % 10, case when n % 100 = 99 then 'draft' else 'active' end, n % 200 = 0,
    timestamptz '2025-01-01' + n * interval '1 min',
    array[(array['ACNE','REDNESS','DULLNESS','DRYNESS','OILINESS'])[1 + n % 5]],
    case n % 3 when 0 then '{}'::text[] when 1 then '{OILY}' else '{DRY,SENSITIVE}' end,
    jsonb_build_array('Aqua', 'Stuff ' || n % 300), n % 700, stars.counts
  from generate_series(1, 5000) as n join (
    select product_id, array[count(*) filter (where rating = 1), count(*) filter (where rating = 2),
      count(*) filter (where rating = 3), count(*) filter (where rating = 4),
      count(*) filter (where rating = 5)]::integer[] as counts
    from reviews where status = 'APPROVED' group by product_id
  ) as stars on stars.product_id = ${ids("prd", "n")}`;

const SHELVES = `
  insert into product_categories
  select distinct ${ids("prd", "n")}, ${ids("cat", "1 + (n * place * 7) % 190")}
  from generate_series(1, 5000) as n, generate_series(1, 2) as place`;

const IMAGES = `
  insert into product_images (id, product_id, image, sort_order, is_primary)
  select ${ids("img", "2 * n + place")}, ${ids("prd", "n")}, 'products/' || n || '.webp', place, place = 0
  from generate_series(1, 5000) as n, generate_series(0, 1) as place`;

const USERS = `insert into users (id) select ${ids("usr", "n")} from generate_series(1, 1000) as n`;

const WISHES = `
  insert into wishlist_items (user_id, product_id, created_at)
  select ${ids("usr", "n")}, ${ids("prd", "1 + (n + place * 61) % 5000")},
    timestamptz '2026-02-01' + place * interval '1 min'
  from generate_series(1, 250) as n, generate_series(1, 40) as place`;

/** Opens a shop of 5,000 products in 190 categories, with 100,000 reviews of 1,000 people and 10,000 wishes. */
export async function openLargeShop(): Promise<LargeShop> {
  const fresh = await freshDatabase();
  const shop = await openShop(fresh.url);
  const client = new pg.Client({ connectionString: fresh.url });
  await client.connect();
  // Committed at once, so that vacuum marks pages as visible; no triggers and no checks of keys, which take most of the time.
  await client.query("set synchronous_commit = on");
  await client.query("set session_replication_role = replica");
  await withoutIndexes(client, "reviews", () => client.query(REVIEWS));
  for (const fill of [CATEGORIES, PRODUCTS, SHELVES, IMAGES, USERS, WISHES]) {
    await client.query(fill);
  }
  const tables =
    "categories, products, product_categories, product_images, reviews, wishlist_items";
  await client.query(`vacuum (analyze) ${tables}`);
  await client.end();
  const close = async () => {
    await shop.close();
    await fresh.drop();
  };
  return { ...shop, wisher: "usr_0000000000007", close };
}

/** Fills a table and builds its indexes afterwards, which is quicker. */
async function withoutIndexes(
  client: pg.Client,
  table: string,
  fill: () => Promise<unknown>,
): Promise<void> {
  const { rows } = await client.query<{ name: string; made: string }>(
    `select indexrelid::regclass as name, pg_get_indexdef(indexrelid) as made from pg_index
     where indrelid = $1::regclass
       and not exists (select 1 from pg_constraint where conindid = indexrelid)`,
    [table],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await fill();
  for (const { made } of rows) await client.query(made);
}
