import type { Database } from "../../platform/db/database.ts";
import type { SkinConcern, SkinType } from "./catalog.vocabulary.ts";

export interface RankingInput {
  /** How much each concern counts. */
  readonly weights: ReadonlyMap<SkinConcern, number>;
  readonly skinType: SkinType | null;
  /** Lower-case ingredient names. */
  readonly avoid: readonly string[];
  readonly limit: number;
}

export interface RankedProduct {
  readonly productId: string;
  readonly score: number;
  readonly matchedConcerns: SkinConcern[];
}

// Concerns weigh three quarters, the skin type one; a product for all skin types fits nearly as well as one for this type.
const RANKING = `
  with wanted as (
    select concern, weight, sum(weight) over () as total
    from unnest($1::text[], $2::float8[]) as given(concern, weight)
  ),
  fitting as (
    select p.id, p.category_id, p.is_featured, matching.concerns,
      0.75 * matching.share + 0.25 * case
        when $3::text is null then 0.5
        when $3 = any(p.skin_types) then 1
        when p.skin_types = '{}' then 0.8
        else 0
      end as score
    from products p cross join lateral (
      select coalesce(array_agg(concern order by weight desc, concern), '{}') as concerns,
        coalesce(sum(weight) / max(total), 0) as share
      from wanted where concern = any(p.skin_concerns)
    ) as matching
    where p.status = 'active'
      and (not p.track_inventory or p.allow_backorders or p.stock > 0)
      and not p.ingredient_names && $4::text[]
      and ($1::text[] = '{}' or p.skin_concerns && $1::text[])
  ),
  placed as (
    select *, row_number() over (
      partition by category_id order by score desc, is_featured desc, cardinality(concerns), id
    ) as place_in_category
    from fitting
  )
  select id as "productId", score::float8 as score, concerns as "matchedConcerns"
  from placed
  order by place_in_category, score desc, is_featured desc, id
  limit $5`;

/** Ranks products for a skin. */
export class RecommendationRepository {
  constructor(private readonly database: Database) {}

  bestFor(input: RankingInput): Promise<RankedProduct[]> {
    return this.database.query(
      RANKING,
      [
        [...input.weights.keys()],
        [...input.weights.values()],
        input.skinType,
        input.avoid,
        input.limit,
      ],
      "catalog.recommendations",
    );
  }
}
