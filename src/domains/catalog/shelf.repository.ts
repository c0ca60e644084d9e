import type { Database } from "../../platform/db/database.ts";
import type { SkinConcern, SkinType } from "./catalog.vocabulary.ts";

export interface ShelfQuery {
  /** Slugs of categories; what stands on one below them counts as well. */
  readonly shelves: readonly string[];
  /** Slugs of categories whose products are left out, whatever other shelf they stand on. */
  readonly except: readonly string[];
  readonly skinType: SkinType | null;
  readonly concerns: readonly SkinConcern[];
  /** Lower-case ingredient names. */
  readonly avoid: readonly string[];
  readonly limitPerShelf: number;
}

/** A product in stock, with what decides whether it suits a skin. */
export interface ShelfProduct {
  readonly productId: string;
  /** Those of the wanted shelves that it stands on. */
  readonly shelves: string[];
  readonly brand: string;
  readonly nameEn: string;
  readonly nameKh: string | null;
  /** Empty: for all. */
  readonly skinTypes: SkinType[];
  readonly skinConcerns: SkinConcern[];
  /** Lower case, one name each. */
  readonly ingredientNames: string[];
  /** Whether it holds an ingredient to avoid. */
  readonly holdsAvoided: boolean;
  readonly priceMinor: number;
  readonly isFeatured: boolean;
}

// Each shelf keeps those first that suit the skin best, so that its limit never hides a product that would be chosen.
const ON_SHELVES = `
  with recursive tree(root, id) as (
    select c.slug, c.id from categories c where c.slug = any($1::text[] || $6::text[]) and c.is_active
    union
    select tree.root, c.id from categories c join tree on c.parent_id = tree.id where c.is_active
  ),
  standing as (
    select distinct tree.root, pc.product_id as id
    from tree join product_categories pc on pc.category_id = tree.id
  ),
  placed as (
    select standing.id, row_number() over (
      partition by standing.root order by
        p.ingredient_names && $4::text[],
        $2::text is null or p.skin_types = '{}' or $2 = any(p.skin_types) desc,
        cardinality(array(select unnest(p.skin_concerns) intersect select unnest($3::text[]))) desc,
        p.is_featured desc, p.price, p.id
    ) as place
    from standing join products p on p.id = standing.id
    where standing.root = any($1)
      and p.id not in (select id from standing where root = any($6))
      and p.status = 'active' and (not p.track_inventory or p.allow_backorders or p.stock > 0)
  )
  select p.id as "productId", p.brand, p.name_en as "nameEn", p.name_kh as "nameKh",
    p.skin_types as "skinTypes", p.skin_concerns as "skinConcerns",
    p.ingredient_names as "ingredientNames", p.ingredient_names && $4::text[] as "holdsAvoided",
    (p.price * 100)::float8 as "priceMinor", p.is_featured as "isFeatured",
    array(select root from standing s where s.id = p.id order by root) as shelves
  from products p
  where p.id in (select id from placed where place <= $5)
  order by p.id`;

/** Reads whole shelves, for those who choose by rules of their own. */
export class ShelfRepository {
  constructor(private readonly database: Database) {}

  productsOn(query: ShelfQuery): Promise<ShelfProduct[]> {
    const { shelves, skinType, concerns, avoid, limitPerShelf, except } = query;
    return this.database.query(
      ON_SHELVES,
      [shelves, skinType, concerns, avoid, limitPerShelf, except],
      "catalog.products_on_shelves",
    );
  }
}
