/** What hair looks like in a style. */
export const HairstyleCategories = {
  SHORT: "SHORT",
  MEDIUM: "MEDIUM",
  LONG: "LONG",
  CURLY: "CURLY",
  BRAIDS: "BRAIDS",
  UPDO: "UPDO",
} as const;
export type HairstyleCategory = keyof typeof HairstyleCategories;

/** What can be seen of a style: all that a drawing of it needs. */
export interface HairstyleLook {
  readonly category: HairstyleCategory;
  /** Such as `#6b3a1e`; null keeps the person's own colour. */
  readonly color: string | null;
  readonly hasFringe: boolean;
}

/** Where thumbnails lie in the store. */
export const THUMBNAIL_FOLDER = "hairstyles";

// Part of the names: raise it when the drawing changes, because old pictures are cached for ever.
const DRAWING_VERSION = 1;

/** The key of the thumbnail of a look; styles that look alike share it. */
export const thumbnailKey = ({ category, color, hasFringe }: HairstyleLook): string => {
  const parts = [category.toLowerCase(), color?.slice(1) ?? "own", hasFringe ? "fringe" : "open"];
  return `${THUMBNAIL_FOLDER}/${parts.join("-")}-v${DRAWING_VERSION}.webp`;
};
