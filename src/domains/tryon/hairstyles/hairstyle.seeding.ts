import type { BlobStore } from "../../../platform/blobs/blob-store.ts";
import type { Database } from "../../../platform/db/database.ts";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import { HairstyleRepository } from "./hairstyle.repository.ts";
import { HairstyleService } from "./hairstyle.service.ts";

/**
 * Puts the styles that come with facet on offer. May be run again and by several processes: what is there already stays as the
 * staff has left it.
 * @returns how many were new
 */
export async function seedHairstyles(deps: {
  readonly uow: UnitOfWork;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly ids: Ids;
  readonly log: Logger;
}): Promise<number> {
  // The texts and the drawing are needed only here.
  const { loadHairstyleSeed } = await import("./seed/hairstyle-seed.ts");
  const { drawThumbnail } = await import("./thumbnail.ts");
  const repository = new HairstyleRepository(deps.database);
  const styles = new HairstyleService({ ...deps, repository, draw: drawThumbnail });
  let added = 0;
  for (const [position, style] of loadHairstyleSeed().entries()) {
    const content = {
      ...style,
      thumbnailKey: await styles.ensureThumbnail(style),
      isActive: true,
      position,
    };
    const row = await deps.uow.run((tx) =>
      repository.add(tx, { ...content, id: deps.ids.next("hst") }),
    );
    if (row) added += 1;
  }
  deps.log.info({ added }, "the hairstyles are in place");
  return added;
}
