// What a team writes by the book: type-graphql, TypeORM entities, DataLoader, Apollo Server on Express.
import "reflect-metadata";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import DataLoader from "dataloader";
import express from "express";
import { GraphQLISODateTime } from "type-graphql";
import * as gql from "type-graphql";
import * as orm from "typeorm";
import { keysetOf, ready, settings } from "./settings.ts";

const { url, port } = settings();

enum ProductSort {
  NEWEST = "NEWEST",
}
gql.registerEnumType(ProductSort, { name: "ProductSort" });

@gql.ObjectType()
class Money {
  @gql.Field(() => String) amount!: string;
  @gql.Field(() => String) currency!: string;
}

@gql.ObjectType()
class RatingSummary {
  @gql.Field(() => gql.Float, { nullable: true }) average!: number | null;
}

@gql.ObjectType()
@orm.Entity("categories")
class Category {
  @gql.Field(() => gql.ID) @orm.PrimaryColumn("text") id!: string;
  @gql.Field(() => String) @orm.Column("text") slug!: string;
  @gql.Field(() => String) @orm.Column("text", { name: "name_en" }) name!: string;
  @orm.Column("boolean", { name: "is_active" }) isActive!: boolean;
  @orm.Column("integer", { name: "sort_order" }) sortOrder!: number;
}

@gql.ObjectType()
@orm.Entity("products")
class Product {
  @gql.Field(() => gql.ID) @orm.PrimaryColumn("text") id!: string;
  @gql.Field(() => String) @orm.Column("text") slug!: string;
  @gql.Field(() => String) @orm.Column("text") sku!: string;
  @gql.Field(() => String) @orm.Column("text") brand!: string;
  @gql.Field(() => String) @orm.Column("text", { name: "name_en" }) name!: string;
  @gql.Field(() => String, { nullable: true })
  @orm.Column("text", { name: "short_description_en", nullable: true })
  shortDescription!: string | null;
  @gql.Field(() => String) @orm.Column("text", { name: "description_en" }) description!: string;
  @gql.Field(() => Boolean) @orm.Column("boolean", { name: "is_featured" }) isFeatured!: boolean;
  @gql.Field(() => GraphQLISODateTime)
  @orm.Column("timestamptz", { name: "published_at" })
  publishedAt!: Date;
  @orm.Column("numeric", { name: "price" }) amount!: string;
  @orm.Column("text") status!: string;
  @orm.Column("integer") stock!: number;
  @orm.Column("boolean", { name: "track_inventory" }) trackInventory!: boolean;
  @orm.Column("boolean", { name: "allow_backorders" }) allowBackorders!: boolean;
  @orm.Column("integer", { name: "review_count" }) reviewCount!: number;
  @orm.Column("numeric", { name: "rating_average" }) ratingAverage!: string;
  @orm.ManyToMany(() => Category)
  @orm.JoinTable({
    name: "product_categories",
    joinColumn: { name: "product_id" },
    inverseJoinColumn: { name: "category_id" },
  })
  categories!: Category[];
}

@gql.ObjectType()
@orm.Entity("reviews")
class Review {
  @orm.PrimaryColumn("text") id!: string;
  @orm.Column("text", { name: "product_id" }) productId!: string;
  @gql.Field(() => gql.Int) @orm.Column("smallint") rating!: number;
  @gql.Field(() => String, { nullable: true })
  @orm.Column("text", { nullable: true })
  title!: string | null;
  @gql.Field(() => String, { nullable: true })
  @orm.Column("text", { name: "author_name", nullable: true })
  authorName!: string | null;
  @gql.Field(() => GraphQLISODateTime)
  @orm.Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}

@gql.ObjectType()
class ReviewConnection {
  @gql.Field(() => [Review]) nodes!: Review[];
}

@gql.ObjectType()
class ProductConnection {
  @gql.Field(() => [Product]) nodes!: Product[];
}

const source = new orm.DataSource({
  type: "postgres",
  url,
  entities: [Category, Product, Review],
  extra: { max: 10 },
});
await source.initialize();
const products = source.getRepository(Product);
const reviews = source.getRepository(Review);

const loaders = () => ({
  categories: new DataLoader(async (ids: readonly string[]) => {
    const found = await products.find({
      select: { id: true },
      where: { id: orm.In(ids), categories: { isActive: true } },
      relations: { categories: true },
      order: { categories: { sortOrder: "ASC", id: "ASC" } },
    });
    const byId = new Map(found.map((product) => [product.id, product.categories]));
    return ids.map((id) => byId.get(id) ?? []);
  }),
  // Only the newest of each product, so that a product with many reviews is not read whole.
  reviews: new DataLoader(async (wanted: readonly { id: string; first: number }[]) => {
    const newest = await reviews
      .createQueryBuilder("review")
      .innerJoin(
        (query) =>
          query
            .select("ranked.id", "id")
            .addSelect(
              "row_number() over (partition by ranked.product_id order by ranked.created_at desc, ranked.id desc)",
              "place",
            )
            .from(Review, "ranked")
            .where("ranked.product_id in (:...ids) and ranked.status = 'APPROVED'", {
              ids: wanted.map(({ id }) => id),
            }),
        "newest",
        "newest.id = review.id and newest.place <= :first",
        { first: Math.max(...wanted.map(({ first }) => first)) },
      )
      .orderBy({ "review.createdAt": "DESC", "review.id": "DESC" })
      .getMany();
    const byProduct = Map.groupBy(newest, (review) => review.productId);
    return wanted.map(({ id, first }) => (byProduct.get(id) ?? []).slice(0, first));
  }),
});
type Context = ReturnType<typeof loaders>;

@gql.Resolver(() => Product)
class ProductResolver {
  @gql.Query(() => ProductConnection)
  async products(
    @gql.Arg("first", () => gql.Int) first: number,
    @gql.Arg("sort", () => ProductSort) _sort: ProductSort,
    @gql.Arg("after", () => String, { nullable: true }) after?: string,
  ): Promise<ProductConnection> {
    const nodes = await products
      .createQueryBuilder("product")
      .where("product.status = 'active'")
      .andWhere("(product.publishedAt, product.id) < (:publishedAt, :id)", keysetOf(after))
      .orderBy({ "product.publishedAt": "DESC", "product.id": "DESC" })
      .limit(first)
      .getMany();
    return { nodes };
  }
  @gql.Query(() => Product, { nullable: true })
  product(@gql.Arg("id", () => gql.ID) id: string) {
    return products.findOneBy({ id, status: "active" });
  }
  @gql.FieldResolver(() => Boolean)
  inStock(@gql.Root() product: Product) {
    return !product.trackInventory || product.allowBackorders || product.stock > 0;
  }
  @gql.FieldResolver(() => Money)
  price(@gql.Root() product: Product): Money {
    return { amount: product.amount, currency: "USD" };
  }
  @gql.FieldResolver(() => RatingSummary)
  ratingSummary(@gql.Root() product: Product): RatingSummary {
    return { average: product.reviewCount === 0 ? null : Number(product.ratingAverage) };
  }
  @gql.FieldResolver(() => [Category])
  categories(@gql.Root() product: Product, @gql.Ctx() context: Context) {
    return context.categories.load(product.id);
  }
  @gql.FieldResolver(() => ReviewConnection)
  async reviews(
    @gql.Root() product: Product,
    @gql.Arg("first", () => gql.Int) first: number,
    @gql.Ctx() context: Context,
  ): Promise<ReviewConnection> {
    return { nodes: await context.reviews.load({ id: product.id, first }) };
  }
}

const schema = await gql.buildSchema({ resolvers: [ProductResolver], validate: false });
const server = new ApolloServer<Context>({ schema });
await server.start();
const app = express();
app.use(
  "/graphql",
  express.json(),
  expressMiddleware(server, { context: () => Promise.resolve(loaders()) }),
);
app.listen(port, "127.0.0.1", () => ready());
