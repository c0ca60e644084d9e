import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import type { HairstyleCategory, HairstyleLook } from "./hairstyle.vocabulary.ts";

/** A row of `hairstyles`. */
export interface HairstyleRow extends HairstyleLook {
  readonly id: string;
  readonly nameEn: string;
  readonly nameKh: string | null;
  readonly descriptionEn: string;
  readonly descriptionKh: string | null;
  /** What the provider is told. For the staff alone. */
  readonly prompt: string;
  readonly thumbnailKey: string | null;
  readonly isActive: boolean;
  /** Place in lists, the lowest first. */
  readonly position: number;
  readonly version: number;
}

/** A style as it is written. */
export type HairstyleContent = Omit<HairstyleRow, "id" | "version">;

const COLUMNS = `id, name_en as "nameEn", name_kh as "nameKh", description_en as "descriptionEn",
  description_kh as "descriptionKh", prompt, category, color, has_fringe as "hasFringe",
  thumbnail_key as "thumbnailKey", is_active as "isActive", position, version`;

const valuesOf = (style: HairstyleContent): unknown[] => [
  style.nameEn,
  style.nameKh,
  style.descriptionEn,
  style.descriptionKh,
  style.prompt,
  style.category,
  style.color,
  style.hasFringe,
  style.thumbnailKey,
  style.isActive,
  style.position,
];

/** Every statement on `hairstyles`. */
export class HairstyleRepository {
  constructor(private readonly database: Database) {}

  /** Styles by id, hidden ones too. */
  byIds(ids: readonly string[]): Promise<HairstyleRow[]> {
    return this.database.query<HairstyleRow>(
      `select ${COLUMNS} from hairstyles where id = any($1)`,
      [ids],
      "hairstyles_by_ids",
    );
  }

  /** Up to `rowsToFetch` styles in shop order. */
  page(
    filter: { readonly category: HairstyleCategory | null; readonly withHidden: boolean },
    page: PageRequest,
  ): Promise<HairstyleRow[]> {
    const [compare, order] = page.backward ? ["<", "desc"] : [">", "asc"];
    const [position, id] = page.beyond ?? [null, null];
    return this.database.query<HairstyleRow>(
      `select ${COLUMNS} from hairstyles
       where ($1::text is null or category = $1) and (is_active or $2)
         and ($3::int is null or (position, id) ${compare} ($3, $4))
       order by position ${order}, id ${order} limit $5`,
      [filter.category, filter.withHidden, position, id, rowsToFetch(page)],
      page.backward ? "hairstyles_backward" : "hairstyles_forward",
    );
  }

  /** Locks a style until the transaction ends; null when there is none. */
  async lock(tx: Tx, id: string): Promise<HairstyleRow | null> {
    const rows = await tx.query<HairstyleRow>(
      `select ${COLUMNS} from hairstyles where id = $1 for update`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Adds a style; null when one of this seed name is there already. */
  async add(
    tx: Tx,
    style: HairstyleContent & { readonly id: string; readonly seedName?: string },
  ): Promise<HairstyleRow | null> {
    const rows = await tx.query<HairstyleRow>(
      `insert into hairstyles (id, seed_name, name_en, name_kh, description_en, description_kh, prompt,
         category, color, has_fringe, thumbnail_key, is_active, position)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       on conflict (seed_name) do nothing returning ${COLUMNS}`,
      [style.id, style.seedName ?? null, ...valuesOf(style)],
    );
    return rows[0] ?? null;
  }

  /** Overwrites a style that was locked. */
  async put(tx: Tx, id: string, style: HairstyleContent): Promise<HairstyleRow | null> {
    const rows = await tx.query<HairstyleRow>(
      `update hairstyles set name_en = $2, name_kh = $3, description_en = $4, description_kh = $5,
         prompt = $6, category = $7, color = $8, has_fringe = $9, thumbnail_key = $10,
         is_active = $11, position = $12, version = version + 1, updated_at = now()
       where id = $1 returning ${COLUMNS}`,
      [id, ...valuesOf(style)],
    );
    return rows[0] ?? null;
  }

  /** Deletes a style that nobody has tried on; false when somebody has. */
  async remove(tx: Tx, id: string): Promise<boolean> {
    const removed = await tx.execute(
      `delete from hairstyles h where id = $1
         and not exists (select from try_ons t where t.hairstyle_id = h.id)`,
      [id],
    );
    return removed === 1;
  }
}
