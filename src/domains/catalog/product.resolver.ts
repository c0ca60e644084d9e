import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  Float,
  ID,
  Info,
  Int,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { asSelected } from "../../platform/graphql/connection.ts";
import type { Context, Language } from "../../platform/graphql/context.ts";
import { Batched } from "../../platform/graphql/direct-resolvers.ts";
import { badUserInput } from "../../platform/graphql/errors.ts";
import { ofRow } from "../../platform/graphql/row-loader.ts";
import { isId } from "../../platform/ids/ids.ts";
import { money } from "./catalog.money.ts";
import { isSlug, type CatalogService } from "./catalog.service.ts";
import {
  Category,
  inLanguage,
  languageArgument,
  Money,
  Product,
  ProductImage,
  ProductPageArgs,
  ProductSearchConnection,
} from "./catalog.types.ts";
import {
  localized,
  localizedIf,
  SkinConcerns,
  SkinTypes,
  withoutSearch,
  type SkinConcern,
  type SkinType,
} from "./catalog.vocabulary.ts";
import { categoryColumnsFor } from "./category.columns.ts";
import type { CategoryRow } from "./category.repository.ts";
import type { ProductSearchPage } from "./facets/facet.resolver.ts";
import { criteriaOf, narrowingOf, ProductFilter } from "./product-filter.ts";
import type { ProductRow } from "./product-columns.repository.ts";
import { productColumnsFor } from "./product.columns.ts";
import { productConnection, productList, productPageRequest } from "./product.paging.ts";
import type { ProductImageRow } from "./product.repository.ts";

@Resolver(() => Product)
export class ProductResolver {
  constructor(
    private readonly catalog: CatalogService,
    private readonly urlOf: (key: string) => string,
  ) {}

  @Query(() => ProductSearchConnection, { description: "Products on sale." })
  async products(
    @Args(() => ProductPageArgs) page: ProductPageArgs,
    @Arg("filter", () => ProductFilter, { nullable: true, description: "Narrows the list." })
    filter: ProductFilter | null,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProductSearchPage> {
    const criteria = criteriaOf(filter ?? {});
    const sort = criteria.search === null ? withoutSearch(page.sort) : page.sort;
    const list = productList(sort, narrowingOf(criteria));
    const request = asSelected(productPageRequest(page, list), info);
    const columns = productColumnsFor(info, context);
    const rows = await this.catalog.list({ criteria, sort, request, columns });
    return Object.assign(productConnection(rows, request, list), { criteria });
  }

  @Query(() => Product, {
    nullable: true,
    description: "One product on sale, by its id or by its slug; null when there is none.",
  })
  product(
    @Arg("id", () => ID, { nullable: true, description: "Its id." }) id: string | null,
    @Arg("slug", () => String, { nullable: true, description: "Its slug." }) slug: string | null,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProductRow | null> | null {
    const { product, productBySlug } = context.loaders;
    const columns = productColumnsFor(info, context);
    if (typeof id === typeof slug) throw badUserInput("Give either id or slug.", ["id"]);
    if (typeof id === "string") return isId(id, "prd") ? product.load(id, columns) : null;
    if (typeof slug !== "string") throw badUserInput("Give either id or slug.", ["id"]);
    return isSlug(slug) ? productBySlug.load(slug, columns) : null;
  }

  @FieldResolver(() => String, { description: "Its name." })
  name(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | Promise<string> {
    const to = language ?? context.language;
    return ofRow(row, (of) => localizedIf(of.nameEn, of.nameKh, to), again(row, context));
  }

  @FieldResolver(() => String, { description: "What it is and what it does." })
  description(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | Promise<string> {
    const to = language ?? context.language;
    return ofRow(
      row,
      (of) => localizedIf(of.descriptionEn, of.descriptionKh, to),
      again(row, context),
    );
  }

  @FieldResolver(() => String, { nullable: true, description: "The description in one line." })
  shortDescription(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | null | Promise<string | null> {
    const to = language ?? context.language;
    return ofRow(
      row,
      (of) => localizedIf(of.shortDescriptionEn, of.shortDescriptionKh, to),
      again(row, context),
    );
  }

  @FieldResolver(() => String, { nullable: true, description: "How to use it." })
  usageInstructions(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | null | Promise<string | null> {
    const to = language ?? context.language;
    return ofRow(
      row,
      (of) => localizedIf(of.usageInstructionsEn, of.usageInstructionsKh, to),
      again(row, context),
    );
  }

  @FieldResolver(() => [SkinTypes], {
    description: "Skin types it is made for; empty when for all.",
  })
  skinTypes(@Root() row: ProductRow, @Ctx() context: Context): SkinType[] | Promise<SkinType[]> {
    return ofRow(row, (of) => of.skinTypes, again(row, context));
  }

  @FieldResolver(() => [SkinConcerns], { description: "Concerns it helps with." })
  skinConcerns(
    @Root() row: ProductRow,
    @Ctx() context: Context,
  ): SkinConcern[] | Promise<SkinConcern[]> {
    return ofRow(row, (of) => of.skinConcerns, again(row, context));
  }

  @FieldResolver(() => [String], { description: "What is in it by INCI names, most first." })
  ingredients(@Root() row: ProductRow, @Ctx() context: Context): string[] | Promise<string[]> {
    return ofRow(row, (of) => of.ingredients, again(row, context));
  }

  @FieldResolver(() => Money, { description: "Price of one." })
  price(@Root() row: ProductRow): Money {
    return money(row.priceMinor);
  }

  @FieldResolver(() => Money, {
    nullable: true,
    description: "What it cost before, when it is reduced.",
  })
  compareAtPrice(
    @Root() row: ProductRow,
    @Ctx() context: Context,
  ): Money | null | Promise<Money | null> {
    return ofRow(row, (of) => moneyIf(of.compareAtPriceMinor), again(row, context));
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Where to load its main picture; may be cached for ever.",
  })
  imageUrl(
    @Root() row: ProductRow,
    @Ctx() context: Context,
  ): string | null | Promise<string | null> {
    return ofRow(row, (of) => this.addressOf(of.image), again(row, context));
  }

  private addressOf(image: string | null | undefined): string | null | undefined {
    return typeof image === "string" ? this.urlOf(image) : image;
  }

  @FieldResolver(() => Int, { nullable: true, description: "Weight with packaging, in grams." })
  weightGrams(
    @Root() row: ProductRow,
    @Ctx() context: Context,
  ): number | null | Promise<number | null> {
    return ofRow(row, (of) => of.weightGrams, again(row, context));
  }

  @FieldResolver(() => Float, { nullable: true, description: "Content, in millilitres." })
  volumeMl(
    @Root() row: ProductRow,
    @Ctx() context: Context,
  ): number | null | Promise<number | null> {
    return ofRow(row, (of) => of.volumeMl, again(row, context));
  }

  @Batched()
  @FieldResolver(() => [ProductImage], { description: "Its pictures, the main one first." })
  images(@Root() rows: readonly ProductRow[]): Promise<ProductImageRow[][]> {
    return this.catalog.imagesOf(rows.map(({ id }) => id));
  }

  @Batched()
  @FieldResolver(() => [Category], { description: "The shelves it stands on." })
  categories(
    @Root() rows: readonly ProductRow[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CategoryRow[][]> {
    const ids = rows.map(({ id }) => id);
    return this.catalog.categoriesOf(ids, categoryColumnsFor(info, context));
  }
}

const moneyIf = (minorUnits: number | null | undefined): Money | null | undefined =>
  typeof minorUnits === "number" ? money(minorUnits) : minorUnits;

/** Reads a product once more, with all its columns. */
const again =
  ({ id }: ProductRow, { loaders }: Context) =>
  () =>
    loaders.product.load(id);

@Resolver(() => ProductImage)
export class ProductImageResolver {
  constructor(private readonly urlOf: (key: string) => string) {}

  @FieldResolver(() => String, { description: "Where to load it; may be cached for ever." })
  url(@Root() row: ProductImageRow): string {
    return this.urlOf(row.image);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "What it shows, for those who cannot see it.",
  })
  altText(
    @Root() row: ProductImageRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | null {
    return localized(row.altTextEn, row.altTextKh, language ?? context.language);
  }
}
