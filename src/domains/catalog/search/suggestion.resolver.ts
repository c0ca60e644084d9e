import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Info,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
} from "type-graphql";
import type { Context } from "../../../platform/graphql/context.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import type { CatalogService } from "../catalog.service.ts";
import { Category, Product } from "../catalog.types.ts";
import { categoryColumnsFor } from "../category.columns.ts";
import type { CategoryRow } from "../category.repository.ts";
import type { ProductRow } from "../product-columns.repository.ts";
import { productColumnsFor } from "../product.columns.ts";
import { MAX_SEARCH_LENGTH } from "./search-terms.ts";
import type { Suggestion } from "./suggestion.repository.ts";

const MOST_SUGGESTIONS = 20;

const SuggestionKinds = { BRAND: "BRAND", CATEGORY: "CATEGORY", PRODUCT: "PRODUCT" } as const;
registerEnumType(SuggestionKinds, {
  name: "SearchSuggestionKind",
  description: "What a suggestion is.",
  valuesConfig: {
    BRAND: { description: "A brand: `brand` names it." },
    CATEGORY: { description: "A category: `category` is it." },
    PRODUCT: { description: "A product: `product` is it." },
  },
});

/** The objects themselves are other rows: the resolver declares them. */
@ObjectType({ description: "Something that a shopper may mean." })
export class SearchSuggestion {
  @Field(() => SuggestionKinds, { description: "What it is, and which field tells it." })
  kind!: Suggestion["kind"];
}

@Resolver(() => SearchSuggestion)
export class SuggestionResolver {
  constructor(private readonly catalog: CatalogService) {}

  @Query(() => [SearchSuggestion], {
    complexity: ({ args, childComplexity }) => 10 + Number(args["first"]) * childComplexity,
    description:
      "Guesses from the first letters of a search: brands and categories, then products.",
  })
  async searchSuggestions(
    @Arg("prefix", () => String, { description: "What was typed; at most 200 characters." })
    prefix: string,
    @Arg("first", () => Int, { defaultValue: 8, description: "How many at most; 1–20." })
    first: number,
  ): Promise<Suggestion[]> {
    if (prefix.length > MAX_SEARCH_LENGTH) {
      throw badUserInput(`Search for at most ${MAX_SEARCH_LENGTH} characters.`, ["prefix"]);
    }
    if (first < 1 || first > MOST_SUGGESTIONS) {
      throw badUserInput(`first must be from 1 to ${MOST_SUGGESTIONS}.`, ["first"]);
    }
    return this.catalog.suggestions(prefix, first);
  }

  @FieldResolver(() => String, { nullable: true, description: "The brand; null for other kinds." })
  brand(@Root() { kind, value }: Suggestion): string | null {
    return kind === "BRAND" ? value : null;
  }

  @FieldResolver(() => Category, {
    nullable: true,
    description: "The category; null for other kinds.",
  })
  category(
    @Root() { kind, value }: Suggestion,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CategoryRow | null> | null {
    if (kind !== "CATEGORY") return null;
    return context.loaders.category.load(value, categoryColumnsFor(info, context));
  }

  @FieldResolver(() => Product, {
    nullable: true,
    description: "The product; null for other kinds.",
  })
  product(
    @Root() { kind, value }: Suggestion,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProductRow | null> | null {
    if (kind !== "PRODUCT") return null;
    return context.loaders.product.load(value, productColumnsFor(info, context));
  }
}
