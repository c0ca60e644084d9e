import type DataLoader from "dataloader";
import { manyByKey, oneByKey } from "../../platform/graphql/loaders.ts";
import type { HairstyleRepository, HairstyleRow } from "./hairstyles/hairstyle.repository.ts";
import type { TryOnRepository, TryOnRow, TryOnViewRow } from "./try-ons/try-on.repository.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** A hairstyle by its id, hidden ones too. */
    hairstyle: DataLoader<string, HairstyleRow | null>;
    /** What belongs to a try-on besides its job, by its id. Does not judge ownership. */
    tryOn: DataLoader<string, TryOnRow | null>;
    /** The views of a try-on. Does not judge ownership. */
    tryOnViews: DataLoader<string, TryOnViewRow[]>;
  }
}

/** The loaders of one operation. */
export const createTryOnLoaders = (styles: HairstyleRepository, tryOns: TryOnRepository) => ({
  hairstyle: oneByKey<string, HairstyleRow>(
    (ids) => styles.byIds(ids),
    ({ id }) => id,
  ),
  tryOn: oneByKey<string, TryOnRow>(
    (ids) => tryOns.byIds(ids),
    ({ id }) => id,
  ),
  tryOnViews: manyByKey<string, TryOnViewRow>(
    (ids) => tryOns.viewsOf(ids),
    ({ jobId }) => jobId,
  ),
});
