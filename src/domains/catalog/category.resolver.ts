import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import type { Connection } from "../../platform/graphql/connection.ts";
import type { Context, Language } from "../../platform/graphql/context.ts";
import { isSlug, type CatalogService } from "./catalog.service.ts";
import {
  Category,
  inLanguage,
  languageArgument,
  ProductConnection,
  ProductPageArgs,
  SkinConcernSummary,
} from "./catalog.types.ts";
import { CONCERN_NAMES, localized, withoutSearch } from "./catalog.vocabulary.ts";
import type { CategoryRow } from "./category.repository.ts";
import { productConnection, productList, productPageRequest } from "./product.paging.ts";
import type { ProductRow } from "./product.repository.ts";

@Resolver(() => Category)
export class CategoryResolver {
  constructor(private readonly catalog: CatalogService) {}

  @Query(() => [Category], { description: "The categories that stand on no other, in shop order." })
  categories(): Promise<CategoryRow[]> {
    return this.catalog.topCategories();
  }

  @Query(() => Category, {
    nullable: true,
    description: "One category by its slug; null when there is none.",
  })
  category(
    @Arg("slug", () => String, { description: "Its slug." }) slug: string,
    @Ctx() { loaders }: Context,
  ): Promise<CategoryRow | null> | null {
    return isSlug(slug) ? loaders.categoryBySlug.load(slug) : null;
  }

  @FieldResolver(() => String, { description: "Its name." })
  name(
    @Root() row: CategoryRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string {
    return localized(row.nameEn, row.nameKh, language ?? context.language);
  }

  @FieldResolver(() => String, { nullable: true, description: "What stands here." })
  description(
    @Root() row: CategoryRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | null {
    return localized(row.descriptionEn, row.descriptionKh, language ?? context.language);
  }

  @FieldResolver(() => Category, { nullable: true, description: "The category above it." })
  parent(
    @Root() row: CategoryRow,
    @Ctx() { loaders }: Context,
  ): Promise<CategoryRow | null> | null {
    return row.parentId === null ? null : loaders.category.load(row.parentId);
  }

  @FieldResolver(() => [Category], { description: "The categories below it, in shop order." })
  children(@Root() row: CategoryRow, @Ctx() { loaders }: Context): Promise<CategoryRow[]> {
    return loaders.childrenOfCategory.load(row.id);
  }

  @FieldResolver(() => ProductConnection, {
    description: "Products on sale in this category or in one below it.",
  })
  async products(
    @Root() row: CategoryRow,
    @Args(() => ProductPageArgs) page: ProductPageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Connection<ProductRow>> {
    const sort = withoutSearch(page.sort);
    // One cursor serves all categories of a list, which share this field's arguments.
    const list = productList(sort, "category");
    const request = productPageRequest(page, list);
    const rows = await loaders.productsOfCategory.load({ categoryId: row.id, sort, request });
    return productConnection(rows, request, list);
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
