import { Field, Int, ObjectType } from "type-graphql";
import { Money } from "../catalog.types.ts";
import { SkinConcerns, SkinTypes, type SkinConcern, type SkinType } from "../catalog.vocabulary.ts";

const productCount = { description: "Products that choosing it would list." } as const;

/** The category itself is another row: its resolver declares it. */
@ObjectType({ description: "A category in a list of products." })
export class CategoryFacet {
  @Field(() => Int, productCount)
  productCount!: number;
}

@ObjectType({ description: "A brand in a list of products." })
export class BrandFacet {
  @Field(() => String, { description: "The brand, as the filter takes it." })
  brand!: string;

  @Field(() => Int, productCount)
  productCount!: number;
}

@ObjectType({ description: "A concern in a list of products." })
export class ConcernFacet {
  @Field(() => SkinConcerns, { description: "The concern." })
  concern!: SkinConcern;

  @Field(() => Int, productCount)
  productCount!: number;
}

@ObjectType({ description: "A skin type in a list of products." })
export class SkinTypeFacet {
  @Field(() => SkinTypes, { description: "The skin type." })
  skinType!: SkinType;

  @Field(() => Int, productCount)
  productCount!: number;
}

@ObjectType({ description: "A band of prices in a list of products." })
export class PriceBandFacet {
  @Field(() => Money, {
    description: "Lowest price of the band, as `priceMin` of the filter takes it.",
  })
  priceMin!: Money;

  @Field(() => Money, {
    nullable: true,
    description:
      "Highest price of the band, as `priceMax` of the filter takes it; null for the last band.",
  })
  priceMax!: Money | null;

  @Field(() => Int, productCount)
  productCount!: number;
}

@ObjectType({
  description:
    "What a list of products can be narrowed to. Each part counts under all filters but its own, so that another choice can be offered.",
})
export class ProductFacets {
  @Field(() => [CategoryFacet], {
    description: "Categories with what stands below them, the fullest first; at most 200.",
  })
  categories!: CategoryFacet[];

  @Field(() => [BrandFacet], { description: "Brands, the fullest first; at most 100." })
  brands!: BrandFacet[];

  @Field(() => [ConcernFacet], { description: "Concerns, the fullest first." })
  concerns!: ConcernFacet[];

  @Field(() => [SkinTypeFacet], {
    description: "Skin types, the fullest first; what is made for all counts for each.",
  })
  skinTypes!: SkinTypeFacet[];

  @Field(() => [PriceBandFacet], { description: "Bands of prices, the cheapest first." })
  priceBands!: PriceBandFacet[];
}
