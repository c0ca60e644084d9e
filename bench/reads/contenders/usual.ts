// What a team writes by the book: type-graphql, TypeORM entities, DataLoader, Apollo Server on Express.
import "reflect-metadata";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import DataLoader from "dataloader";
import express from "express";
import { GraphQLISODateTime } from "type-graphql";
import * as gql from "type-graphql";
import * as orm from "typeorm";
import { ready, settings } from "./settings.ts";

const { url, port } = settings();

@gql.ObjectType()
@orm.Entity("users")
class User {
  @gql.Field(() => gql.ID) @orm.PrimaryColumn("text") id!: string;
  @gql.Field(() => String) @orm.Column("text") name!: string;
  @orm.Column("text") email!: string;
}

@gql.ObjectType()
@orm.Entity("categories")
class Category {
  @gql.Field(() => gql.ID) @orm.PrimaryColumn("text") id!: string;
  @gql.Field(() => String) @orm.Column("text") slug!: string;
  @gql.Field(() => String) @orm.Column("text") name!: string;
}

@gql.ObjectType()
@orm.Entity("products")
class Product {
  @gql.Field(() => gql.ID) @orm.PrimaryColumn("text") id!: string;
  @gql.Field(() => String) @orm.Column("text") slug!: string;
  @gql.Field(() => String) @orm.Column("text") name!: string;
  @gql.Field(() => String) @orm.Column("text") brand!: string;
  @gql.Field(() => String) @orm.Column("text") description!: string;
  @gql.Field(() => String) @orm.Column("numeric") price!: string;
  @gql.Field(() => gql.Int) @orm.Column("integer") stock!: number;
  @gql.Field(() => Boolean) @orm.Column("boolean", { name: "is_featured" }) isFeatured!: boolean;
  @gql.Field(() => String, { nullable: true })
  @orm.Column("text", { name: "image_url", nullable: true })
  imageUrl!: string | null;
  @gql.Field(() => gql.Float)
  @orm.Column("float8", { name: "rating_average" })
  ratingAverage!: number;
  @orm.Column("timestamptz", { name: "published_at" }) publishedAt!: Date;
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
  @gql.Field(() => gql.ID) @orm.PrimaryColumn("text") id!: string;
  @orm.Column("text", { name: "product_id" }) productId!: string;
  @orm.Column("text", { name: "user_id" }) userId!: string;
  @gql.Field(() => gql.Int) @orm.Column("integer") rating!: number;
  @gql.Field(() => String) @orm.Column("text") title!: string;
  @orm.Column("text") body!: string;
  @gql.Field(() => GraphQLISODateTime)
  @orm.Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}

const source = new orm.DataSource({
  type: "postgres",
  url,
  entities: [User, Category, Product, Review],
  extra: { max: 10 },
});
await source.initialize();

const loaders = () => ({
  users: new DataLoader(async (ids: readonly string[]) => {
    const users = await source.getRepository(User).findBy({ id: orm.In(ids) });
    const byId = new Map(users.map((user) => [user.id, user]));
    return ids.map((id) => byId.get(id) ?? null);
  }),
  categories: new DataLoader(async (ids: readonly string[]) => {
    const products = await source.getRepository(Product).find({
      where: { id: orm.In(ids) },
      relations: { categories: true },
      order: { categories: { id: "ASC" } },
    });
    const byId = new Map(products.map((product) => [product.id, product.categories]));
    return ids.map((id) => byId.get(id) ?? []);
  }),
  reviews: new DataLoader(async (ids: readonly string[]) => {
    const reviews = await source.getRepository(Review).find({
      where: { productId: orm.In(ids) },
      order: { createdAt: "DESC", id: "DESC" },
    });
    const byProduct = Map.groupBy(reviews, (review) => review.productId);
    return ids.map((id) => byProduct.get(id) ?? []);
  }),
});
type Context = ReturnType<typeof loaders>;

@gql.Resolver(() => Product)
class ProductResolver {
  @gql.Query(() => [Product])
  products(
    @gql.Arg("first", () => gql.Int) first: number,
    @gql.Arg("offset", () => gql.Int) offset: number,
  ) {
    return source.getRepository(Product).find({
      order: { publishedAt: "DESC", id: "DESC" },
      take: first,
      skip: offset,
    });
  }
  @gql.Query(() => Product, { nullable: true })
  product(@gql.Arg("id", () => gql.ID) id: string) {
    return source.getRepository(Product).findOneBy({ id });
  }
  @gql.FieldResolver(() => [Category])
  categories(@gql.Root() product: Product, @gql.Ctx() context: Context) {
    return context.categories.load(product.id);
  }
  @gql.FieldResolver(() => [Review])
  async reviews(
    @gql.Root() product: Product,
    @gql.Arg("first", () => gql.Int) first: number,
    @gql.Ctx() context: Context,
  ) {
    return (await context.reviews.load(product.id)).slice(0, first);
  }
}

@gql.Resolver(() => Review)
class ReviewResolver {
  @gql.FieldResolver(() => User)
  author(@gql.Root() review: Review, @gql.Ctx() context: Context) {
    return context.users.load(review.userId);
  }
}

const schema = await gql.buildSchema({
  resolvers: [ProductResolver, ReviewResolver],
  validate: false,
});
const server = new ApolloServer<Context>({ schema });
await server.start();
const app = express();
app.use(
  "/graphql",
  express.json(),
  expressMiddleware(server, { context: () => Promise.resolve(loaders()) }),
);
app.listen(port, "127.0.0.1", () => ready());
