import { Field, Float, ID, InputType } from "type-graphql";
import { badUserInput } from "../../platform/graphql/errors.ts";
import { isId } from "../../platform/ids/ids.ts";
import { minorUnitsOf } from "./catalog.money.ts";
import { isSlug, spellingsOf } from "./catalog.service.ts";
import { SkinConcerns, SkinTypes, type SkinConcern, type SkinType } from "./catalog.vocabulary.ts";
import type { ProductCriteria } from "./product-criteria.repository.ts";
import { MAX_SEARCH_LENGTH, searchTermsOf, type SearchTerms } from "./search/search-terms.ts";

const MOST_VALUES = 50;
const LONGEST_VALUE = 200;

@InputType({
  description: "Which products to list; what is left out or empty does not narrow the list.",
})
export class ProductFilter {
  @Field(() => String, {
    nullable: true,
    description: `Words of the name, brand, ingredients or description in English, also misspelt, or any part of the Khmer text; all have to be found. At most ${MAX_SEARCH_LENGTH} characters.`,
  })
  search?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Only products of this category or of one below it.",
  })
  categorySlug?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: "Only products of one of these categories or of one below them; at most 50.",
  })
  categoryIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Only of these brands; at most 50." })
  brands?: string[] | null;

  @Field(() => [SkinConcerns], {
    nullable: true,
    description: "Only products that help with at least one of these.",
  })
  concerns?: SkinConcern[] | null;

  @Field(() => [SkinTypes], {
    nullable: true,
    description: "Only products made for at least one of these, or for all skin types.",
  })
  skinTypes?: SkinType[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Only products that hold all of these, by any usual name; at most 50.",
  })
  ingredientsInclude?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Only products that hold none of these, by any usual name; at most 50.",
  })
  ingredientsExclude?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only what the shop puts forward, or only the rest.",
  })
  featured?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only what can be ordered now, or only the rest.",
  })
  inStock?: boolean | null;

  @Field(() => Float, { nullable: true, description: "Lowest average of stars, 0–5." })
  minRating?: number | null;

  @Field(() => String, { nullable: true, description: 'Lowest price, decimal such as "9.50".' })
  priceMin?: string | null;

  @Field(() => String, { nullable: true, description: 'Highest price, decimal such as "40".' })
  priceMax?: string | null;
}

/** @throws BAD_USER_INPUT for prices that are none or the wrong way round, and for texts and lists that are too long. */
export function criteriaOf(filter: ProductFilter): ProductCriteria {
  const priceMin = priceOf(filter.priceMin, "priceMin");
  const priceMax = priceOf(filter.priceMax, "priceMax");
  if (priceMin !== null && priceMax !== null && priceMin > priceMax) {
    throw badUserInput("priceMin must not be above priceMax.", ["filter", "priceMin"]);
  }
  return {
    search: searchOf(filter.search),
    categories: categoriesOf(filter),
    brands: textsOf(filter.brands, "brands"),
    concerns: distinct(filter.concerns),
    skinTypes: distinct(filter.skinTypes),
    ingredients: textsOf(filter.ingredientsInclude, "ingredientsInclude").map((name) =>
      spellingsOf([name]),
    ),
    withoutIngredients: spellingsOf(textsOf(filter.ingredientsExclude, "ingredientsExclude")),
    featured: filter.featured ?? null,
    inStock: filter.inStock ?? null,
    minRating: ratingOf(filter.minRating),
    priceMin,
    priceMax,
  };
}

/** The values of a filter that narrow, in one form: equal for equal lists. Null when nothing narrows. */
export function narrowingOf(criteria: ProductCriteria): unknown {
  const narrowing = Object.entries(criteria).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return narrowing.length === 0 ? null : narrowing;
}

/** @throws BAD_USER_INPUT for a search that is too long. */
function searchOf(search: string | null | undefined): SearchTerms | null {
  if (search == null || search.trim() === "") return null;
  if (search.length > MAX_SEARCH_LENGTH) {
    throw badUserInput(`Search for at most ${MAX_SEARCH_LENGTH} characters.`, ["filter", "search"]);
  }
  return searchTermsOf(search);
}

function categoriesOf(filter: ProductFilter): ProductCriteria["categories"] {
  const slugs = typeof filter.categorySlug === "string" ? [filter.categorySlug] : [];
  const ids = textsOf(filter.categoryIds, "categoryIds");
  if (slugs.length + ids.length === 0) return null;
  return { slugs: slugs.filter(isSlug), ids: ids.filter((id) => isId(id, "cat")) };
}

function ratingOf(minRating: number | null | undefined): number | null {
  if (minRating == null) return null;
  if (minRating < 0 || minRating > 5) {
    throw badUserInput("minRating must be from 0 to 5.", ["filter", "minRating"]);
  }
  return minRating;
}

/** @throws BAD_USER_INPUT for too many or too long ones. */
function textsOf(texts: readonly string[] | null | undefined, name: string): string[] {
  const given = distinct(texts);
  if (given.length > MOST_VALUES) {
    throw badUserInput(`Give at most ${MOST_VALUES}.`, ["filter", name]);
  }
  if (given.some((text) => text.length > LONGEST_VALUE)) {
    throw badUserInput(`Each may have ${LONGEST_VALUE} characters.`, ["filter", name]);
  }
  return given.map((text) => text.replaceAll("\0", ""));
}

/** Sorted, so that equal filters are equal whatever their order. */
const distinct = <T extends string>(values: readonly T[] | null | undefined): T[] =>
  [...new Set(values)].sort();

const priceOf = (decimal: string | null | undefined, name: string): number | null =>
  typeof decimal !== "string" ? null : minorUnitsOf(decimal, ["filter", name]);
