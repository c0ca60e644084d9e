/** facet's own platform under the benchmark's tables: what any of its domains gets, limits and masking included. */
import { GraphQLDateTime } from "graphql-scalars";
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Float,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { Database } from "../../src/platform/db/database.ts";
import type { Context } from "../../src/platform/graphql/context.ts";
import { GraphQLEngine } from "../../src/platform/graphql/engine.ts";
import { composeLoaders } from "../../src/platform/graphql/loaders.ts";
import { buildGraphQLSchema } from "../../src/platform/graphql/schema.ts";
import { createHttpServer } from "../../src/platform/http/http-server.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { createLoaders, openRows, type ProductRow, type ReviewRow } from "./facet-rows.ts";
import { badUserInput } from "../../src/platform/graphql/errors.ts";

const log = createLogger("warn");
const database = await Database.open({
  url: process.env["DATABASE_URL"]!,
  poolSize: 10,
  applicationName: "bench",
  entities: [],
  migrations: [],
  log,
});
const rows = openRows(database);
type Loaded = Context & { loaders: ReturnType<typeof createLoaders> };

@ObjectType({ description: "Where a product stands." })
class Category {
  @Field(() => ID, { description: "Id." }) id!: string;
  @Field(() => String, { description: "Slug." }) slug!: string;
  @Field(() => String, { description: "Name." }) name!: string;
}

@ObjectType({ description: "Who wrote." })
class Author {
  @Field(() => ID, { description: "Id." }) id!: string;
  @Field(() => String, { description: "Name." }) name!: string;
}

@ObjectType({ description: "What a customer wrote." })
class Review {
  @Field(() => ID, { description: "Id." }) id!: string;
  @Field(() => Int, { description: "1–5." }) rating!: number;
  @Field(() => String, { description: "Title." }) title!: string;
  @Field(() => GraphQLDateTime, { description: "When." }) createdAt!: Date;
}

@ObjectType({ description: "What is sold." })
class Product {
  @Field(() => ID, { description: "Id." }) id!: string;
  @Field(() => String, { description: "Slug." }) slug!: string;
  @Field(() => String, { description: "Name." }) name!: string;
  @Field(() => String, { description: "Brand." }) brand!: string;
  @Field(() => String, { description: "Text." }) description!: string;
  @Field(() => String, { description: "Decimal text." }) price!: string;
  @Field(() => Int, { description: "How many." }) stock!: number;
  @Field(() => Boolean, { description: "Put forward." }) isFeatured!: boolean;
  @Field(() => String, { nullable: true, description: "Picture." }) imageUrl!: string | null;
  @Field(() => Float, { description: "Average." }) ratingAverage!: number;
}

@Resolver(() => Product)
class ProductResolver {
  @Query(() => [Product], { description: "Newest first." })
  products(
    @Arg("first", () => Int, { description: "How many." }) first: number,
    @Arg("offset", () => Int, { description: "From where." }) offset: number,
  ): Promise<ProductRow[]> {
    return rows.page(first, offset);
  }

  @Query(() => Product, { nullable: true, description: "By id." })
  product(
    @Arg("id", () => ID, { description: "Id." }) id: string,
    @Ctx() { loaders }: Loaded,
  ): Promise<ProductRow | null> {
    return loaders.products.load(id);
  }

  @FieldResolver(() => [Category], { description: "Shelves." })
  categories(@Root() { id }: ProductRow, @Ctx() { loaders }: Loaded): Promise<Category[]> {
    return loaders.categories.load(id);
  }

  @FieldResolver(() => [Review], { description: "Newest first." })
  reviews(
    @Root() { id }: ProductRow,
    @Arg("first", () => Int, { description: "How many." }) first: number,
    @Ctx() { loaders }: Loaded,
  ): Promise<ReviewRow[]> {
    if (first !== 3) throw badUserInput("The benchmark asks for three.", ["first"]);
    return loaders.reviews.load(id);
  }
}

@Resolver(() => Review)
class ReviewResolver {
  @FieldResolver(() => Author, { description: "Who wrote it." })
  author(@Root() { userId }: ReviewRow, @Ctx() { loaders }: Loaded): Promise<Author | null> {
    return loaders.authors.load(userId);
  }
}

const engine = new GraphQLEngine({
  schema: buildGraphQLSchema([new ProductResolver(), new ReviewResolver()]),
  createLoaders: composeLoaders([() => createLoaders(rows) as object]),
  streams: {} as never,
  manifest: new Map(),
  trustedDocumentsOnly: false,
  introspection: false,
  costBudgetPerMinute: 1e12,
});
const server = await createHttpServer({
  engine,
  authenticator: { authenticate: () => Promise.resolve("MALFORMED_TOKEN") },
  sessionEndings: { topicOf: (id) => id, endedAmong: () => Promise.resolve([]) },
  nudges: { isConnected: () => true } as never, // No socket is opened.
  log,
  publicUrl: "http://127.0.0.1",
  allowedOrigins: [],
  trustProxy: false,
  socketBounds: { perUser: 5, strangersPerAddress: 5 },
  lingerMs: 0,
  healthChecks: [],
  routes: [],
  onOperation: () => undefined,
  onSockets: () => undefined,
});
await server.listen("127.0.0.1", Number(process.env["PORT"]));
process.send?.("ready");
