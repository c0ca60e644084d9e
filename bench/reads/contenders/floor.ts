// The fewest hand-written statements through pg, node:http and JSON.stringify: no GraphQL at all.
import { createServer } from "node:http";
import pg from "pg";
import { ready, settings } from "./settings.ts";

const { url, port, pipeline } = settings();
const pool = new pg.Pool({
  connectionString: url,
  max: 10,
  ...(pipeline ? { pipeline: true } : {}),
} as pg.PoolConfig);

const SCALARS = `id, slug, name, brand, description, price, stock, is_featured as "isFeatured",
  image_url as "imageUrl", rating_average as "ratingAverage"`;

async function page(first: number, offset: number) {
  const { rows: products } = await pool.query({
    name: "page",
    text: `select id, slug, name, price, rating_average as "ratingAverage" from products
      order by published_at desc, id desc limit $1 offset $2`,
    values: [first, offset],
  });
  const ids = products.map((product) => product.id);
  const [categories, reviews] = await Promise.all([
    pool.query({
      name: "categories",
      text: `select pc.product_id, c.id, c.slug, c.name from product_categories pc
        join categories c on c.id = pc.category_id where pc.product_id = any($1)
        order by pc.product_id, c.id`,
      values: [ids],
    }),
    pool.query({
      name: "reviews",
      text: `select r.*, u.name as author from unnest($1::text[]) wanted(id) cross join lateral (
          select product_id, id, rating, title, created_at, user_id from reviews
          where product_id = wanted.id order by created_at desc, id desc limit 3
        ) r join users u on u.id = r.user_id
        order by r.product_id, r.created_at desc, r.id desc`,
      values: [ids],
    }),
  ]);
  const byId = new Map<string, any>();
  for (const product of products) {
    product.categories = [];
    product.reviews = [];
    byId.set(product.id, product);
  }
  for (const { product_id, id, slug, name } of categories.rows) {
    byId.get(product_id).categories.push({ id, slug, name });
  }
  for (const { product_id, id, rating, title, created_at, user_id, author } of reviews.rows) {
    byId.get(product_id).reviews.push({
      id,
      rating,
      title,
      createdAt: created_at,
      author: { id: user_id, name: author },
    });
  }
  return { products };
}

async function one(id: string) {
  const { rows } = await pool.query({
    name: "one",
    text: `select ${SCALARS} from products where id = $1`,
    values: [id],
  });
  return { product: rows[0] ?? null };
}

async function list(first: number, offset: number) {
  const { rows } = await pool.query({
    name: "list",
    text: `select ${SCALARS} from products order by published_at desc, id desc limit $1 offset $2`,
    values: [first, offset],
  });
  return { products: rows };
}

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { operationName, variables } = JSON.parse(Buffer.concat(chunks).toString());
    const { id, first, offset } = variables;
    const work =
      operationName === "Page"
        ? page(first, offset)
        : operationName === "One"
          ? one(id)
          : list(first, offset);
    work.then(
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
