import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from "type-graphql";
import { asSelected, type Connection } from "../../platform/graphql/connection.ts";
import type { Context, Language } from "../../platform/graphql/context.ts";
import { Batched } from "../../platform/graphql/direct-resolvers.ts";
import { ofRow } from "../../platform/graphql/row-loader.ts";
import { isSlug, type CatalogService } from "./catalog.service.ts";
import {
  Category,
  inLanguage,
  languageArgument,
  ProductConnection,
  ProductPageArgs,
  SkinConcernSummary,
} from "./catalog.types.ts";
import { CONCERN_NAMES, localized, localizedIf, withoutSearch } from "./catalog.vocabulary.ts";
import { categoryColumnsFor } from "./category.columns.ts";
import type { CategoryRow } from "./category.repository.ts";
import { productColumnsFor } from "./product.columns.ts";
import { productConnection, productList, productPageRequest } from "./product.paging.ts";
import type { ProductRow } from "./product-columns.repository.ts";

@Resolver(() => Category)
export class CategoryResolver {
  constructor(private readonly catalog: CatalogService) {}

  @Query(() => [Category], { description: "The categories that stand on no other, in shop order." })
  categories(@Ctx() context: Context, @Info() info: GraphQLResolveInfo): Promise<CategoryRow[]> {
    return this.catalog.topCategories(categoryColumnsFor(info, context));
  }

  @Query(() => Category, {
    nullable: true,
    description: "One category by its slug; null when there is none.",
  })
  category(
    @Arg("slug", () => String, { description: "Its slug." }) slug: string,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CategoryRow | null> | null {
    return isSlug(slug)
      ? context.loaders.categoryBySlug.load(slug, categoryColumnsFor(info, context))
      : null;
  }

  @FieldResolver(() => String, { description: "Its name." })
  name(
    @Root() row: CategoryRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | Promise<string> {
    const inWhich = language ?? context.language;
    return ofRow(
      row,
      ({ nameEn, nameKh }) => localizedIf(nameEn, nameKh, inWhich),
      () => context.loaders.category.load(row.id),
    );
  }

  @FieldResolver(() => String, { nullable: true, description: "What stands here." })
  description(
    @Root() row: CategoryRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | null | Promise<string | null> {
    const inWhich = language ?? context.language;
    return ofRow(
      row,
      ({ descriptionEn, descriptionKh }) => localizedIf(descriptionEn, descriptionKh, inWhich),
      () => context.loaders.category.load(row.id),
    );
  }

  @FieldResolver(() => Category, { nullable: true, description: "The category above it." })
  parent(
    @Root() row: CategoryRow,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CategoryRow | null> | null {
    const { parentId } = row;
    return parentId === null
      ? null
      : context.loaders.category.load(parentId, categoryColumnsFor(info, context));
  }

  @Batched()
  @FieldResolver(() => [Category], { description: "The categories below it, in shop order." })
  children(
    @Root() rows: readonly CategoryRow[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CategoryRow[][]> {
    const ids = rows.map(({ id }) => id);
    return this.catalog.childrenOf(ids, categoryColumnsFor(info, context));
  }

  @Batched()
  @FieldResolver(() => ProductConnection, {
    description: "Products on sale in this category or in one below it.",
  })
  async products(
    @Root() rows: readonly CategoryRow[],
    @Args(() => ProductPageArgs) page: ProductPageArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<ProductRow>[]> {
    const sort = withoutSearch(page.sort);
    // One cursor serves all categories of a list, which share this field's arguments.
    const list = productList(sort, "category");
    const request = asSelected(productPageRequest(page, list), info);
    const columns = productColumnsFor(info, context);
    const ids = rows.map(({ id }) => id);
    const pages = await this.catalog.productsOf(ids, { sort, request, columns });
    return pages.map((products) => productConnection(products, request, list));
  }
}

@Resolver(() => SkinConcernSummary)
export class SkinConcernResolver {
  constructor(private readonly catalog: CatalogService) {}

  @Query(() => [SkinConcernSummary], {
    description: "All concerns, with how much the shop has for each.",
  })
  skinConcerns(): Promise<SkinConcernSummary[]> {
    return this.catalog.concerns();
  }

  @FieldResolver(() => String, { description: "Its name." })
  name(
    @Root() summary: SkinConcernSummary,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string {
    const names = CONCERN_NAMES[summary.concern];
    return localized(names.EN, names.KH, language ?? context.language);
  }
}
