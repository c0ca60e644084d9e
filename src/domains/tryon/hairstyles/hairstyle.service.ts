import type { BlobStore } from "../../../platform/blobs/blob-store.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import { isId } from "../../../platform/ids/ids.ts";
import type {
  HairstyleContent,
  HairstyleRepository,
  HairstyleRow,
} from "./hairstyle.repository.ts";
import {
  thumbnailKey,
  type HairstyleCategory,
  type HairstyleLook,
} from "./hairstyle.vocabulary.ts";

const MAX_NAME = 80;
const MAX_DESCRIPTION = 500;
const MAX_PROMPT = 2_000;
const MAX_POSITION = 1_000_000;

/** What the staff writes of a style; the thumbnail follows from the look. */
export type HairstyleDraft = Omit<HairstyleContent, "thumbnailKey">;

/** Draws the thumbnail of a look, WebP. */
export type DrawThumbnail = (look: HairstyleLook) => Promise<Uint8Array>;

/** The styles that can be tried on. */
export class HairstyleService {
  constructor(
    private readonly dependencies: {
      readonly repository: HairstyleRepository;
      readonly blobs: BlobStore;
      readonly ids: Ids;
      readonly draw: DrawThumbnail;
    },
  ) {}

  /** A page in shop order. */
  page(
    filter: { category: HairstyleCategory | null; withHidden: boolean },
    page: PageRequest,
  ): Promise<HairstyleRow[]> {
    return this.dependencies.repository.page(filter, page);
  }

  /** A style that is on offer, else null. */
  async offered(id: string): Promise<HairstyleRow | null> {
    if (!isId(id, "hst")) return null;
    const [style] = await this.dependencies.repository.byIds([id]);
    return style?.isActive ? style : null;
  }

  /** Draws the thumbnail of a look unless it is there; call it before the transaction that needs it. Answers its key. */
  async ensureThumbnail(look: HairstyleLook): Promise<string> {
    const { blobs, draw } = this.dependencies;
    const key = thumbnailKey(look);
    if ((await blobs.head(key)) === null) await blobs.write(key, await draw(look), "image/webp");
    return key;
  }

  /** Adds a style. Refuses with INVALID_INPUT. */
  async create(tx: Tx, draft: HairstyleDraft): Promise<HairstyleRow> {
    const { repository, ids } = this.dependencies;
    const content = contentOf(draft);
    const style = await repository.add(tx, { ...content, id: ids.next("hst") });
    if (!style) throw new Error("A new style was not added.");
    return style;
  }

  /** Changes a style: what `change` does not name stays. Refuses with INVALID_INPUT. @throws NOT_FOUND */
  async update(
    tx: Tx,
    id: string,
    change: Partial<HairstyleDraft>,
  ): Promise<{ before: HairstyleRow; after: HairstyleRow }> {
    const { repository } = this.dependencies;
    const before = await this.locked(tx, id);
    const after = await repository.put(tx, id, contentOf({ ...before, ...change }));
    if (!after) throw new Error(`The style ${id} is locked and gone.`);
    return { before, after };
  }

  /** Deletes a style; one that somebody has tried on is hidden instead. @throws NOT_FOUND */
  async remove(tx: Tx, id: string): Promise<{ before: HairstyleRow; after: HairstyleRow | null }> {
    const { repository } = this.dependencies;
    const before = await this.locked(tx, id);
    if (await repository.remove(tx, id)) return { before, after: null };
    return this.update(tx, id, { isActive: false });
  }

  /** A style as it is now, whether it is on offer or not. */
  async find(id: string): Promise<HairstyleRow | null> {
    return (isId(id, "hst") && (await this.dependencies.repository.byIds([id]))[0]) || null;
  }

  private async locked(tx: Tx, id: string): Promise<HairstyleRow> {
    const style = isId(id, "hst") ? await this.dependencies.repository.lock(tx, id) : null;
    if (!style) throw notFound("The hairstyle");
    return style;
  }
}

function contentOf(draft: HairstyleDraft): HairstyleContent {
  const { category, hasFringe, isActive, position } = draft;
  if (!Number.isInteger(position) || Math.abs(position) > MAX_POSITION) {
    invalid("position", `A position lies between -${MAX_POSITION} and ${MAX_POSITION}.`);
  }
  const color = draft.color?.toLowerCase() ?? null;
  if (color !== null && !/^#[0-9a-f]{6}$/.test(color)) {
    invalid("color", "A colour looks like #6b3a1e.");
  }
  return {
    nameEn: text("nameEn", draft.nameEn, MAX_NAME),
    nameKh: optionalText("nameKh", draft.nameKh, MAX_NAME),
    descriptionEn: text("descriptionEn", draft.descriptionEn, MAX_DESCRIPTION),
    descriptionKh: optionalText("descriptionKh", draft.descriptionKh, MAX_DESCRIPTION),
    prompt: text("prompt", draft.prompt, MAX_PROMPT),
    category,
    color,
    hasFringe,
    isActive,
    position,
    thumbnailKey: thumbnailKey({ category, color, hasFringe }),
  };
}

function text(field: string, value: string, max: number): string {
  const trimmed = value.trim();
  if (trimmed === "" || trimmed.length > max || /\0/.test(trimmed) || !trimmed.isWellFormed()) {
    invalid(field, `This takes 1 to ${max} characters.`);
  }
  return trimmed;
}

const optionalText = (field: string, value: string | null, max: number): string | null =>
  value === null || value.trim() === "" ? null : text(field, value, max);

function invalid(field: string, message: string): never {
  refuse(problem("INVALID_INPUT", message, ["input", field]));
}
