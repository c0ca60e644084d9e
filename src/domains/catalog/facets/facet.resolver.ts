import type { GraphQLResolveInfo } from "graphql";
import { Ctx, FieldResolver, Info, Int, Resolver, Root } from "type-graphql";
import type { Connection } from "../../../platform/graphql/connection.ts";
import type { Context } from "../../../platform/graphql/context.ts";
import { money } from "../catalog.money.ts";
import type { CatalogService } from "../catalog.service.ts";
import { Category, ProductSearchConnection } from "../catalog.types.ts";
import { categoryColumnsFor } from "../category.columns.ts";
import type { CategoryRow } from "../category.repository.ts";
import type { ProductCriteria } from "../product-criteria.repository.ts";
import type { ProductRow } from "../product-columns.repository.ts";
import { CategoryFacet, ProductFacets } from "./facet.types.ts";
import { PRICE_BANDS } from "./price-bands.ts";

/** A page that knows what its list is made of. */
export interface ProductSearchPage extends Connection<ProductRow> {
  readonly criteria: ProductCriteria;
}

interface CategoryCount {
  readonly categoryId: string;
  readonly productCount: number;
}
type FacetsRow = Omit<ProductFacets, "categories"> & { readonly categories: CategoryCount[] };

@Resolver(() => ProductSearchConnection)
export class ProductSearchResolver {
  constructor(private readonly catalog: CatalogService) {}

  @FieldResolver(() => Int, { complexity: 20, description: "How many products the list has." })
  totalCount(@Root() { criteria }: ProductSearchPage): Promise<number> {
    return this.catalog.count(criteria);
  }

  @FieldResolver(() => ProductFacets, {
    complexity: ({ childComplexity }) => 50 + childComplexity,
    description: "What the list can be narrowed to, with counts.",
  })
  async facets(@Root() { criteria }: ProductSearchPage): Promise<FacetsRow> {
    const { categories, brands, concerns, skinTypes, priceBands } =
      await this.catalog.facets(criteria);
    return {
      categories: categories.map(({ value, count }) => ({
        categoryId: value,
        productCount: count,
      })),
      brands: brands.map(({ value, count }) => ({ brand: value, productCount: count })),
      concerns: concerns.map(({ value, count }) => ({ concern: value, productCount: count })),
      skinTypes: skinTypes.map(({ value, count }) => ({ skinType: value, productCount: count })),
      priceBands: priceBands.map(({ value, count }) => {
        const next = PRICE_BANDS.find((start) => start > value);
        return {
          priceMin: money(value),
          priceMax: next === undefined ? null : money(next - 1),
          productCount: count,
        };
      }),
    };
  }
}

@Resolver(() => CategoryFacet)
export class CategoryFacetResolver {
  @FieldResolver(() => Category, {
    nullable: true,
    description: "The category; null when it was closed just now.",
  })
  category(
    @Root() { categoryId }: CategoryCount,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CategoryRow | null> {
    return context.loaders.category.load(categoryId, categoryColumnsFor(info, context));
  }
}
