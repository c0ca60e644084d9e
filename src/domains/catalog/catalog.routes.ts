import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import { publicImagePath, publicImageRoutes } from "../../platform/blobs/public-images.ts";

/** The key of a product's picture; a new picture needs a new name, because the old one is cached for ever. */
export const productImageKey = (name: string): string => `products/${name}`;

/** The path under which a product's picture is served. */
export const imagePath = publicImagePath;

/** Serves the shop's pictures, and no other file of the store, to everyone. */
export const catalogRoutes = (blobs: BlobStore) => publicImageRoutes(blobs, "products");
