import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import type {
  HairstyleCategory,
  HairstyleDraft,
  HairstyleRow,
  HairstyleService,
} from "../../tryon/index.ts";
import type { Actor, AuditLog } from "../audit/audit-log.service.ts";

/** Lets the staff change the hairstyles on offer; every change is remembered. */
export class HairstyleEditing {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly hairstyles: HairstyleService;
      readonly audit: AuditLog;
    },
  ) {}

  /** A page of all styles, hidden ones too. */
  page(category: HairstyleCategory | null, page: PageRequest): Promise<HairstyleRow[]> {
    return this.dependencies.hairstyles.page({ category, withHidden: true }, page);
  }

  /** Adds a style and draws its thumbnail. Refuses with INVALID_INPUT. */
  async create(actor: Actor, draft: HairstyleDraft): Promise<HairstyleRow> {
    const { uow, hairstyles, audit } = this.dependencies;
    const style = await uow.run(async (tx) => {
      const added = await hairstyles.create(tx, draft);
      const after = contentOf(added);
      const action = "adminCreateHairstyle";
      await audit.record(tx, actor, { action, subject: added.id, before: null, after });
      return added;
    });
    await hairstyles.ensureThumbnail(style);
    return style;
  }

  /** Changes a style. Refuses with INVALID_INPUT. @throws NOT_FOUND */
  async update(actor: Actor, id: string, change: Partial<HairstyleDraft>): Promise<HairstyleRow> {
    const { uow, hairstyles, audit } = this.dependencies;
    const style = await uow.run(async (tx) => {
      const { before, after } = await hairstyles.update(tx, id, change);
      const [old, now] = differences(contentOf(before), contentOf(after));
      const action = "adminUpdateHairstyle";
      await audit.record(tx, actor, { action, subject: id, before: old, after: now });
      return after;
    });
    await hairstyles.ensureThumbnail(style);
    return style;
  }

  /** Deletes a style, or hides one that somebody has tried on. @returns the hidden one @throws NOT_FOUND */
  async remove(actor: Actor, id: string): Promise<HairstyleRow | null> {
    const { uow, hairstyles, audit } = this.dependencies;
    return uow.run(async (tx) => {
      const { before, after } = await hairstyles.remove(tx, id);
      await audit.record(tx, actor, {
        action: "adminDeleteHairstyle",
        subject: id,
        before: contentOf(before),
        after: after && contentOf(after),
      });
      return after;
    });
  }
}

const contentOf = ({ id: _id, version: _version, ...content }: HairstyleRow) => content;

/** The fields that differ, as they were and as they are. */
function differences<T extends object>(before: T, after: T): [Partial<T>, Partial<T>] {
  const changed = (Object.keys(after) as (keyof T)[]).filter((key) => before[key] !== after[key]);
  const only = (from: T) =>
    Object.fromEntries(changed.map((key) => [key, from[key]])) as Partial<T>;
  return [only(before), only(after)];
}
