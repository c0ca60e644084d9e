import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import type { Context, Language } from "../../platform/graphql/context.ts";
import { badUserInput } from "../../platform/graphql/errors.ts";
import { isId } from "../../platform/ids/ids.ts";
import { money } from "./catalog.money.ts";
import { isSlug, type CatalogService } from "./catalog.service.ts";
import {
  Category,
  Money,
  Product,
  ProductImage,
  ProductPageArgs,
  ProductSearchConnection,
} from "./catalog.types.ts";
import { localized, withoutSearch } from "./catalog.vocabulary.ts";
import { inLanguage, languageArgument } from "./catalog.types.ts";
import type { CategoryRow } from "./category.repository.ts";
import type { ProductSearchPage } from "./facets/facet.resolver.ts";
import { criteriaOf, narrowingOf, ProductFilter } from "./product-filter.ts";
import { productConnection, productList, productPageRequest } from "./product.paging.ts";
import type { ProductImageRow, ProductRow } from "./product.repository.ts";

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
  ): Promise<ProductSearchPage> {
    const criteria = criteriaOf(filter ?? {});
    const sort = criteria.search === null ? withoutSearch(page.sort) : page.sort;
    const list = productList(sort, narrowingOf(criteria));
    const request = productPageRequest(page, list);
    const rows = await this.catalog.list(criteria, sort, request);
    return { ...productConnection(rows, request, list), criteria };
  }

  @Query(() => Product, {
    nullable: true,
    description: "One product on sale, by its id or by its slug; null when there is none.",
  })
  product(
    @Arg("id", () => ID, { nullable: true, description: "Its id." }) id: string | null,
    @Arg("slug", () => String, { nullable: true, description: "Its slug." }) slug: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<ProductRow | null> | null {
    const given = [id, slug].filter((value) => typeof value === "string");
    if (given.length !== 1) throw badUserInput("Give either id or slug.", ["id"]);
    if (typeof id === "string") return isId(id, "prd") ? loaders.product.load(id) : null;
    return typeof slug === "string" && isSlug(slug) ? loaders.productBySlug.load(slug) : null;
  }

  @FieldResolver(() => String, { description: "Its name." })
  name(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string {
    return localized(row.nameEn, row.nameKh, language ?? context.language);
  }

  @FieldResolver(() => String, { description: "What it is and what it does." })
  description(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string {
    return localized(row.descriptionEn, row.descriptionKh, language ?? context.language);
  }

  @FieldResolver(() => String, { nullable: true, description: "The description in one line." })
  shortDescription(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | null {
    return localized(row.shortDescriptionEn, row.shortDescriptionKh, language ?? context.language);
  }

  @FieldResolver(() => String, { nullable: true, description: "How to use it." })
  usageInstructions(
    @Root() row: ProductRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string | null {
    const { usageInstructionsEn, usageInstructionsKh } = row;
    return localized(usageInstructionsEn, usageInstructionsKh, language ?? context.language);
  }

  @FieldResolver(() => Money, { description: "Price of one." })
  price(@Root() row: ProductRow): Money {
    return money(row.priceMinor);
  }

  @FieldResolver(() => Money, {
    nullable: true,
    description: "What it cost before, when it is reduced.",
  })
  compareAtPrice(@Root() row: ProductRow): Money | null {
    return row.compareAtPriceMinor === null ? null : money(row.compareAtPriceMinor);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Where to load its main picture; may be cached for ever.",
  })
  imageUrl(@Root() row: ProductRow): string | null {
    return row.image === null ? null : this.urlOf(row.image);
  }

  @FieldResolver(() => [ProductImage], { description: "Its pictures, the main one first." })
  images(@Root() row: ProductRow, @Ctx() { loaders }: Context): Promise<ProductImageRow[]> {
    return loaders.imagesOfProduct.load(row.id);
  }

  @FieldResolver(() => [Category], { description: "The shelves it stands on." })
  categories(@Root() row: ProductRow, @Ctx() { loaders }: Context): Promise<CategoryRow[]> {
    return loaders.categoriesOfProduct.load(row.id);
  }
}

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
