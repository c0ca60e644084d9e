import type { Database } from "../../../platform/db/database.ts";
import {
  conditionsOf,
  SEARCH_LIMITS,
  sourceOf,
  STANDS_ON_SHELF,
  type Bind,
  type Condition,
  type Dimension,
  type ProductCriteria,
} from "../product-criteria.repository.ts";
import type { Count, Facets } from "./facet.vocabulary.ts";
import { PRICE_BANDS } from "./price-bands.ts";

const MOST_CATEGORIES = 200;
const MOST_BRANDS = 100;
const SKIN_TYPES = "array['OILY','DRY','COMBINATION','SENSITIVE','NORMAL','ACNE']";

interface FacetRow {
  readonly facet: Dimension;
  readonly value: string;
  readonly count: number;
}

/** Counts what lists hold. */
export class FacetRepository {
  constructor(private readonly database: Database) {}

  /** All counts in one statement that reads each product once. */
  async of(criteria: ProductCriteria): Promise<Facets> {
    const { tables, from, fixed, divided, values } = candidatesOf(criteria);
    const holds = (dimension: Dimension) =>
      `(${
        divided
          .filter((each) => each.dimension === dimension)
          .map(({ sql }) => sql)
          .join(" and ") || "true"
      })`;
    const text = `with recursive ${tables && `${tables}, `}
      candidates as materialized (
        select p.id, p.brand, p.price, p.skin_types, p.skin_concerns,
          ${criteria.categories === null ? "true" : STANDS_ON_SHELF} as fits_category,
          ${holds("BRAND")} as fits_brand,
          ${holds("CONCERN")} as fits_concern, ${holds("SKIN_TYPE")} as fits_skin_type,
          ${holds("PRICE")} as fits_price
        ${from} where ${fixed.join(" and ")}
      ),
      ${COUNTS}`;
    const rows = await this.database.queryWithin<FacetRow>(SEARCH_LIMITS, text, values);
    return facetsOf(rows);
  }

  /** How many products a list has. */
  async total(criteria: ProductCriteria): Promise<number> {
    const { tables, from, fixed, divided, values } = candidatesOf(criteria);
    const conditions = [...fixed, ...divided.map(({ sql }) => sql)].join(" and ");
    const [row] = await this.database.queryWithin<{ total: number }>(
      SEARCH_LIMITS,
      `${tables && `with recursive ${tables}`} select count(*)::int as total ${from} where ${conditions}`,
      values,
    );
    return row?.total ?? 0;
  }
}

const COUNTS = `
  -- Each category with all that are above it.
  upwards(id, above) as (
    select c.id, c.id from categories c where c.is_active
    union
    select upwards.id, c.parent_id from upwards
    join categories c on c.id = upwards.above
    join categories parent on parent.id = c.parent_id and parent.is_active
  ),
  counts(facet, value, count) as (
    (select 'CATEGORY', upwards.above, count(distinct found.id)
     from candidates found
     join product_categories pc on pc.product_id = found.id
     join upwards on upwards.id = pc.category_id
     where fits_brand and fits_concern and fits_skin_type and fits_price
     group by upwards.above order by 3 desc, 2 limit ${MOST_CATEGORIES})
    union all
    (select 'BRAND', brand, count(*) from candidates
     where fits_category and fits_concern and fits_skin_type and fits_price
     group by brand order by 3 desc, 2 limit ${MOST_BRANDS})
    union all
    select 'CONCERN', concern, count(*)
    from candidates cross join unnest(skin_concerns) as concern
    where fits_category and fits_brand and fits_skin_type and fits_price
    group by concern
    union all
    select 'SKIN_TYPE', skin_type, count(*)
    from candidates cross join unnest(
      case skin_types when '{}' then ${SKIN_TYPES} else skin_types end) as skin_type
    where fits_category and fits_brand and fits_concern and fits_price
    group by skin_type
    union all
    select 'PRICE', band, count(*) from (
      select width_bucket(price * 100, array[${PRICE_BANDS.join(",")}]::numeric[])::text as band
      from candidates where fits_category and fits_brand and fits_concern and fits_skin_type
    ) as banded
    group by band
  )
  select facet, value, count::int as count from counts order by count desc, value`;

/** The products that a list may hold: what is always required of them, and what each filter asks. */
function candidatesOf(criteria: ProductCriteria): {
  tables: string;
  from: string;
  fixed: string[];
  divided: Condition[];
  values: unknown[];
} {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { tables, from } = sourceOf(criteria, bind);
  const conditions = conditionsOf(criteria, bind);
  return {
    tables,
    from,
    fixed: [
      "p.status = 'active'",
      ...conditions.filter(({ dimension }) => dimension === null).map(({ sql }) => sql),
    ],
    divided: conditions.filter(({ dimension }) => dimension !== null),
    values,
  };
}

function facetsOf(rows: readonly FacetRow[]): Facets {
  const of = <T extends string>(facet: Dimension): Count<T>[] =>
    rows
      .filter((row) => row.facet === facet)
      .map(({ value, count }) => ({ value: value as T, count }));
  return {
    categories: of("CATEGORY"),
    brands: of("BRAND"),
    concerns: of("CONCERN"),
    skinTypes: of("SKIN_TYPE"),
    priceBands: of("PRICE")
      .map(({ value, count }) => ({ value: PRICE_BANDS[Number(value) - 1] ?? 0, count }))
      .sort((a, b) => a.value - b.value),
  };
}
