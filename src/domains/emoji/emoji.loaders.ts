import type DataLoader from "dataloader";
import { oneByKey } from "../../platform/graphql/loaders.ts";
import type { EmojiRepository, StickerRow } from "./emoji.repository.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** What an emoji task has made, by its id. Does not judge ownership. */
    sticker: DataLoader<string, StickerRow | null>;
  }
}

/** The loaders of one operation. */
export const createEmojiLoaders = (emoji: EmojiRepository) => ({
  sticker: oneByKey<string, StickerRow>(
    (ids) => emoji.byIds(ids),
    (sticker) => sticker.id,
  ),
});
