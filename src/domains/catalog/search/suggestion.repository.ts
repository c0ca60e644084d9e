import type { Database } from "../../../platform/db/database.ts";
import { SEARCH_LIMITS, type Bind } from "../product-criteria.repository.ts";
import { gramsOf, type SearchTerms } from "./search-terms.ts";

/** Something that a shopper may mean. */
export interface Suggestion {
  readonly kind: "BRAND" | "CATEGORY" | "PRODUCT";
  /** The brand's name, else an id. */
  readonly value: string;
}

const MOST_BRANDS = 3;
const MOST_CATEGORIES = 3;

/** Guesses from the first letters. */
export class SuggestionRepository {
  constructor(private readonly database: Database) {}

  /** Brands and categories whose names begin so, then products by their names, also by later words; in one statement. */
  for(prefix: string, terms: SearchTerms, limit: number): Promise<Suggestion[]> {
    const values: unknown[] = [];
    const bind: Bind = (value) => `$${values.push(value)}`;
    const typed = bind(prefix.normalize("NFC").trim().toLowerCase().replaceAll("\0", ""));
    const text = `
      with brands as (
        select distinct p.brand from products p
        where p.status = 'active' and lower(p.brand) collate "C" >= ${typed}
          and lower(p.brand) collate "C" < ${typed} || chr(1114111)
        order by p.brand limit ${MOST_BRANDS}
      ),
      shelves as (
        select c.id, c.sort_order from categories c
        where c.is_active and (
          starts_with(lower(c.name_en), ${typed}) or starts_with(coalesce(c.name_kh, ''), ${typed}))
        order by c.sort_order, c.id limit ${MOST_CATEGORIES}
      ),
      beginning as (
        select p.id, p.units_sold from products p
        where p.status = 'active' and lower(p.name_en) collate "C" >= ${typed}
          and lower(p.name_en) collate "C" < ${typed} || chr(1114111)
        order by lower(p.name_en) collate "C", p.id limit ${bind(limit)}
      ),
      -- The best selling ones: ends early for letters that are in every name.
      named as (
        select p.id, p.units_sold from products p
        where p.status = 'active' and ${inNames(terms, bind)}
        order by p.units_sold desc, p.id desc limit ${bind(limit)}
      )
      select kind, value from (
        select 1 as part, 'BRAND' as kind, brand as value, row_number() over (order by brand) as place from brands
        union all
        select 2, 'CATEGORY', id, row_number() over (order by sort_order, id) from shelves
        union all
        select 3, 'PRODUCT', id, row_number() over (order by begins desc, units_sold desc, id)
        from (
          select id, units_sold, bool_or(begins) as begins from (
            select id, units_sold, true as begins from beginning
            union all select id, units_sold, false from named
          ) as found group by id, units_sold
        ) as products
      ) as suggested
      order by part, place limit ${bind(limit)}`;
    return this.database.queryWithin<Suggestion>(SEARCH_LIMITS, text, values);
  }
}

/** All words begin a word of the name or brand; Khmer stands anywhere in the text. */
const inNames = (terms: SearchTerms, bind: Bind): string =>
  [
    ...terms.words.map((word) => `p.search_words @@ ${bind(`'${word}':*A`)}::tsquery`),
    ...terms.khmer.map(
      (run) => `(p.search_grams @> ${bind(gramsOf(run))}::text[]
        and strpos(p.search_khmer, ${bind(run)}::text) > 0)`,
    ),
  ].join(" and ");
