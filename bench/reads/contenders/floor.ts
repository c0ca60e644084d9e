// The fewest hand-written statements through pg, node:http and JSON.stringify: no GraphQL at all.
import { createServer } from "node:http";
import pg from "pg";
import { keysetOf, ready, settings } from "./settings.ts";

const { url, port, pipeline } = settings();
const pool = new pg.Pool({
  connectionString: url,
  max: 10,
  ...(pipeline ? { pipeline: true } : {}),
} as pg.PoolConfig);

const SCALARS = `id, slug, sku, brand, name_en as name, short_description_en as "shortDescription",
  description_en as description,
  (not track_inventory or allow_backorders or stock > 0) as "inStock",
  is_featured as "isFeatured", published_at as "publishedAt"`;

async function page({ after }: any) {
  const { publishedAt, id } = keysetOf(after);
  const { rows } = await pool.query({
    name: "page",
    text: `select id, name_en, slug, price,
        case when review_count > 0 then rating_average::float8 end as average
      from products where status = 'active' and (published_at, id) < ($1, $2)
      order by published_at desc, id desc limit 20`,
    values: [publishedAt, id],
  });
  const ids = rows.map((product) => product.id);
  const [categories, reviews] = await Promise.all([
    pool.query({
      name: "categories",
      text: `select pc.product_id, c.id, c.slug, c.name_en as name
        from product_categories pc join categories c on c.id = pc.category_id
        where pc.product_id = any($1) and c.is_active
        order by pc.product_id, c.sort_order, c.id`,
      values: [ids],
    }),
    pool.query({
      name: "reviews",
      text: `select r.* from unnest($1::text[]) wanted(id) cross join lateral (
          select product_id, rating, title, created_at, author_name from reviews
          where product_id = wanted.id and status = 'APPROVED'
          order by created_at desc, id desc limit 3
        ) r`,
      values: [ids],
    }),
  ]);
  const byId = new Map<string, any>();
  const nodes = rows.map(({ id, name_en, slug, price, average }) => {
    const node = {
      name: name_en,
      slug,
      price: { amount: price, currency: "USD" },
      ratingSummary: { average },
      categories: [],
      reviews: { nodes: [] },
    };
    byId.set(id, node);
    return node;
  });
  for (const { product_id, id, slug, name } of categories.rows) {
    byId.get(product_id).categories.push({ id, slug, name });
  }
  for (const { product_id, rating, title, created_at, author_name } of reviews.rows) {
    byId
      .get(product_id)
      .reviews.nodes.push({ rating, title, createdAt: created_at, authorName: author_name });
  }
  return { products: { nodes } };
}

async function one({ id }: any) {
  const { rows } = await pool.query({
    name: "one",
    text: `select ${SCALARS} from products where id = $1 and status = 'active'`,
    values: [id],
  });
  return { product: rows[0] ?? null };
}

/** The five pages follow one another, so that one statement reads them all. */
async function list({ after1 }: any) {
  const { publishedAt, id } = keysetOf(after1);
  const { rows } = await pool.query({
    name: "list",
    text: `select ${SCALARS} from products
      where status = 'active' and (published_at, id) < ($1, $2)
      order by published_at desc, id desc limit 500`,
    values: [publishedAt, id],
  });
  return {
    page1: { nodes: rows.slice(0, 100) },
    page2: { nodes: rows.slice(100, 200) },
    page3: { nodes: rows.slice(200, 300) },
    page4: { nodes: rows.slice(300, 400) },
    page5: { nodes: rows.slice(400) },
  };
}

const ROUTES: Record<string, (variables: any) => Promise<object>> = {
  Page: page,
  One: one,
  List: list,
};

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { operationName, variables } = JSON.parse(Buffer.concat(chunks).toString());
    ROUTES[operationName]!(variables).then(
      (data) => {
        const body = JSON.stringify({ data });
        response.writeHead(200, {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        });
        response.end(body);
      },
      (error: unknown) => {
        console.error(error);
        response.writeHead(500).end();
      },
    );
  });
}).listen(port, "127.0.0.1", ready);
