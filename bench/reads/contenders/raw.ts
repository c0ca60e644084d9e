// What the tuned contenders have in common: the schema, plain resolvers, batched loaders over raw SQL.
import DataLoader from "dataloader";
import pg from "pg";
import { settings } from "./settings.ts";

export const SDL = `
  type Category { id: ID! slug: String! name: String! }
  type Author { id: ID! name: String! }
  type Review { id: ID! rating: Int! title: String! createdAt: String! author: Author! }
  type Product {
    id: ID! slug: String! name: String! brand: String! description: String! price: String!
    stock: Int! isFeatured: Boolean! imageUrl: String ratingAverage: Float!
    categories: [Category!]! reviews(first: Int!): [Review!]!
  }
  type Query { products(first: Int!, offset: Int!): [Product!]! product(id: ID!): Product }
`;

const pool = new pg.Pool({ connectionString: settings().url, max: 10 });
const read = async (name: string, text: string, values: unknown[]) =>
  (await pool.query({ name, text, values })).rows;

const COLUMNS = `id, slug, name, brand, description, price, stock, is_featured as "isFeatured",
  image_url as "imageUrl", rating_average as "ratingAverage"`;

function grouped(name: string, text: string) {
  return async (ids: readonly string[], more: unknown[] = []) => {
    const byProduct = new Map<string, any[]>(ids.map((id) => [id, []]));
    for (const row of await read(name, text, [ids, ...more])) {
      byProduct.get(row.productId)!.push(row);
    }
    return ids.map((id) => byProduct.get(id)!);
  };
}
const categoriesOf = grouped(
  "categories",
  `select pc.product_id as "productId", c.id, c.slug, c.name from product_categories pc
   join categories c on c.id = pc.category_id where pc.product_id = any($1)
   order by pc.product_id, c.id`,
);
const reviewsOf = grouped(
  "reviews",
  `select r.* from unnest($1::text[]) wanted(id) cross join lateral (
     select product_id as "productId", id, rating, title, created_at as "createdAt",
       user_id as "userId"
     from reviews where product_id = wanted.id order by created_at desc, id desc limit $2
   ) r`,
);

export const createContext = () => ({
  categories: new DataLoader((ids: readonly string[]) => categoriesOf(ids)),
  reviews: new DataLoader((ids: readonly string[]) => reviewsOf(ids, [3])),
  authors: new DataLoader(async (ids: readonly string[]) => {
    const rows = await read("authors", "select id, name from users where id = any($1)", [ids]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id));
  }),
});
export type Context = ReturnType<typeof createContext>;

export const resolvers = {
  Query: {
    products: (_: unknown, { first, offset }: any) =>
      read(
        "list",
        `select ${COLUMNS} from products order by published_at desc, id desc limit $1 offset $2`,
        [first, offset],
      ),
    product: async (_: unknown, { id }: any) =>
      (await read("one", `select ${COLUMNS} from products where id = $1`, [id]))[0],
  },
  Product: {
    categories: ({ id }: any, _: unknown, { categories }: Context) => categories.load(id),
    reviews: ({ id }: any, _: unknown, { reviews }: Context) => reviews.load(id),
  },
  Review: {
    createdAt: ({ createdAt }: any) => createdAt.toISOString(),
    author: ({ userId }: any, _: unknown, { authors }: Context) => authors.load(userId),
  },
};
