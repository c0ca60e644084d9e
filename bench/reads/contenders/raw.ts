// What the tuned contenders have in common: the schema, plain resolvers, batched loaders over raw SQL.
import DataLoader from "dataloader";
import pg from "pg";
import { keysetOf, settings } from "./settings.ts";

export const SDL = `
  enum ProductSort { NEWEST }
  type Money { amount: String! currency: String! }
  type RatingSummary { average: Float }
  type Category { id: ID! slug: String! name: String! }
  type Review { rating: Int! title: String createdAt: String! authorName: String }
  type ReviewConnection { nodes: [Review!]! }
  type Product {
    id: ID! slug: String! sku: String! brand: String! name: String! shortDescription: String
    description: String! inStock: Boolean! isFeatured: Boolean! publishedAt: String!
    price: Money! ratingSummary: RatingSummary! categories: [Category!]!
    reviews(first: Int!): ReviewConnection!
  }
  type ProductConnection { nodes: [Product!]! }
  type Query {
    products(first: Int!, sort: ProductSort!, after: String): ProductConnection!
    product(id: ID!): Product
  }
`;

const pool = new pg.Pool({ connectionString: settings().url, max: 10 });
const read = async (name: string, text: string, values: unknown[]) =>
  (await pool.query({ name, text, values })).rows;

const COLUMNS = `id, slug, sku, brand, name_en as name, short_description_en as "shortDescription",
  description_en as description,
  (not track_inventory or allow_backorders or stock > 0) as "inStock",
  is_featured as "isFeatured", published_at as "publishedAt", price,
  case when review_count > 0 then rating_average::float8 end as average`;

function grouped(rows: any[], ids: readonly string[]) {
  const byProduct = new Map<string, any[]>(ids.map((id) => [id, []]));
  for (const row of rows) byProduct.get(row.productId)!.push(row);
  return byProduct;
}

async function categoriesOf(ids: readonly string[]) {
  const rows = await read(
    "categories",
    `select pc.product_id as "productId", c.id, c.slug, c.name_en as name
     from product_categories pc join categories c on c.id = pc.category_id
     where pc.product_id = any($1) and c.is_active
     order by pc.product_id, c.sort_order, c.id`,
    [ids],
  );
  const byProduct = grouped(rows, ids);
  return ids.map((id) => byProduct.get(id)!);
}

async function reviewsOf(wanted: readonly { id: string; first: number }[]) {
  const ids = wanted.map(({ id }) => id);
  const rows = await read(
    "reviews",
    `select r.* from unnest($1::text[]) wanted(id) cross join lateral (
       select product_id as "productId", rating, title, created_at as "createdAt",
         author_name as "authorName"
       from reviews where product_id = wanted.id and status = 'APPROVED'
       order by created_at desc, id desc limit $2
     ) r`,
    [ids, Math.max(...wanted.map(({ first }) => first))],
  );
  const byProduct = grouped(rows, ids);
  return wanted.map(({ id, first }) => byProduct.get(id)!.slice(0, first));
}

export const createContext = () => ({
  categories: new DataLoader(categoriesOf),
  reviews: new DataLoader(reviewsOf),
});
export type Context = ReturnType<typeof createContext>;

export const resolvers = {
  Query: {
    products: async (_: unknown, { first, after }: any) => {
      const { publishedAt, id } = keysetOf(after);
      const nodes = await read(
        "list",
        `select ${COLUMNS} from products
         where status = 'active' and (published_at, id) < ($2, $3)
         order by published_at desc, id desc limit $1`,
        [first, publishedAt, id],
      );
      return { nodes };
    },
    product: async (_: unknown, { id }: any) =>
      (
        await read("one", `select ${COLUMNS} from products where id = $1 and status = 'active'`, [
          id,
        ])
      )[0],
  },
  Product: {
    publishedAt: ({ publishedAt }: any) => publishedAt.toISOString(),
    price: ({ price }: any) => ({ amount: price, currency: "USD" }),
    ratingSummary: ({ average }: any) => ({ average }),
    categories: ({ id }: any, _: unknown, { categories }: Context) => categories.load(id),
    reviews: async ({ id }: any, { first }: any, { reviews }: Context) => ({
      nodes: await reviews.load({ id, first }),
    }),
  },
  Review: { createdAt: ({ createdAt }: any) => createdAt.toISOString() },
};
