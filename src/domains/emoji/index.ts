export { createEmojiModule } from "./emoji.module.ts";
export type { StickerMaker } from "./emoji.ports.ts";
