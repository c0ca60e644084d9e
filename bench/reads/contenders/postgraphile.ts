import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { ready, settings } from "./settings.ts";

const { url, port } = settings();

/** What shoppers may see; PostgreSQL reads through such views as if they were the tables. */
const VIEWS = `
  drop schema if exists storefront cascade;
  create schema storefront;
  create view storefront.products as
    select id, slug, sku, brand, name_en as name, short_description_en as short_description,
      description_en as description,
      (not track_inventory or allow_backorders or stock > 0) as in_stock,
      is_featured, published_at, price,
      case when review_count > 0 then rating_average::float8 end as rating_average
    from public.products where status = 'active';
  comment on view storefront.products is '@primaryKey id';
  create view storefront.shelves as
    select pc.product_id, pc.category_id, c.slug, c.name_en as name, c.sort_order
    from public.product_categories pc join public.categories c on c.id = pc.category_id
    where c.is_active;
  comment on view storefront.shelves is
    E'@primaryKey product_id,category_id\\n@foreignKey (product_id) references storefront.products (id)';
  create view storefront.reviews as
    select id, product_id, rating, title, created_at, author_name
    from public.reviews where status = 'APPROVED';
  comment on view storefront.reviews is
    E'@primaryKey id\\n@foreignKey (product_id) references storefront.products (id)';
`;
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query(VIEWS);
await client.end();

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: url,
      schemas: ["storefront"],
      poolConfig: { max: 10 } as any,
    }),
  ],
  schema: { defaultBehavior: "+connection +list" } as any,
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, port } as any,
  grafast: { explain: false },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(port, "127.0.0.1", ready);
