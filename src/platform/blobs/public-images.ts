import type { FastifyInstance } from "fastify";
import { BlobNotFound, type BlobStore } from "./blob-store.ts";

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

/** The path under which `publicImageRoutes` serves a file. */
export const publicImagePath = (key: string): string => `/images/${key}`;

/**
 * Serves the pictures of one folder of the store, and no other file, to everyone. They are cached for ever: a new picture needs a
 * new name.
 * @param folder such as `products`; the files lie right in it
 */
export const publicImageRoutes =
  (blobs: BlobStore, folder: string) =>
  (app: FastifyInstance): void => {
    app.get<{ Params: { name: string } }>(
      publicImagePath(`${folder}/:name`),
      async (request, reply) => {
        const { name } = request.params;
        const extension = NAME.exec(name)?.[1];
        if (extension === undefined) return reply.code(404).send();
        try {
          const bytes = await blobs.read(`${folder}/${name}`, MAX_IMAGE_BYTES);
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
