import type { FastifyInstance } from "fastify";
import { BlobNotFound, type BlobStore } from "../../platform/blobs/blob-store.ts";

const MAX_IMAGE_BYTES = 4 * 1024 * 1024;
const NAME = /^[a-z0-9][a-z0-9-]{0,120}\.(webp|png|jpg)$/;
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  webp: "image/webp",
  png: "image/png",
  jpg: "image/jpeg",
};
const IMAGE_HEADERS = {
  "cache-control": "public, max-age=31536000, immutable",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'",
  "cross-origin-resource-policy": "cross-origin",
};

/** The key of a product's picture; a new picture needs a new name, because the old one is cached for ever. */
export const productImageKey = (name: string): string => `products/${name}`;

/** The path under which a product's picture is served. */
export const imagePath = (key: string): string => `/images/${key}`;

/** Serves the shop's pictures, and no other file of the store, to everyone. */
export const catalogRoutes =
  (blobs: BlobStore) =>
  (app: FastifyInstance): void => {
    app.get<{ Params: { name: string } }>(
      imagePath(productImageKey(":name")),
      async (request, reply) => {
        const { name } = request.params;
        const extension = NAME.exec(name)?.[1];
        if (extension === undefined) return reply.code(404).send();
        try {
          const bytes = await blobs.read(productImageKey(name), MAX_IMAGE_BYTES);
          return await reply
            .headers({ ...IMAGE_HEADERS, "content-type": CONTENT_TYPES[extension] })
            .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        } catch (error) {
          if (error instanceof BlobNotFound) return reply.code(404).send();
          throw error;
        }
      },
    );
  };
