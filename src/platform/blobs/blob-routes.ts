import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Readable } from "node:stream";
import { BlobNotFound } from "./blob-store.ts";
import { BlobSizeMismatch, type LocalBlobStore } from "./local-blob-store.ts";

export interface BlobRouteOptions {
  store: LocalBlobStore;
  /** No upload is larger, whatever its URL says. */
  maxBytes: number;
}

/**
 * Serves the signed URLs of a LocalBlobStore: `PUT /uploads/*` streams to disk, `GET /media/*`
 * answers the file. A missing, altered or expired signature is answered with 403. That a ticket is
 * used once is the business of whoever issued it.
 */
export async function registerBlobRoutes(
  app: FastifyInstance,
  { store, maxBytes }: BlobRouteOptions,
): Promise<void> {
  await app.register((routes, _options, done) => {
    // Uploads are streamed: no parser may hold a body in memory.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));
    routes.put("/uploads/*", { bodyLimit: maxBytes }, (request, reply) =>
      receiveUpload(store, maxBytes, request, reply),
    );
    routes.get("/media/*", (request, reply) => sendMedia(store, request, reply));
    done();
  });
}

async function receiveUpload(
  store: LocalBlobStore,
  maxBytes: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const grant = store.verifyUploadUrl(request.url);
  if (!grant) return refuse(reply, 403, "FORBIDDEN");
  if (grant.byteSize > maxBytes) return refuse(reply, 413, "TOO_LARGE");
  const { "content-length": length, "content-type": type } = request.headers;
  if (length === undefined) return refuse(reply, 411, "LENGTH_REQUIRED");
  if (Number(length) !== grant.byteSize) return refuse(reply, 400, "LENGTH_MISMATCH");
  if (type?.toLowerCase() !== grant.contentType.toLowerCase()) {
    return refuse(reply, 400, "CONTENT_TYPE_MISMATCH");
  }
  try {
    await store.receive(grant, (request.body as Readable | undefined) ?? request.raw);
  } catch (error) {
    const cut = request.raw.destroyed && !request.raw.complete;
    if (cut || error instanceof BlobSizeMismatch) return refuse(reply, 400, "LENGTH_MISMATCH");
    throw error;
  }
  return reply.code(200).send();
}

async function sendMedia(
  store: LocalBlobStore,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const grant = store.verifyMediaUrl(request.url);
  if (!grant) return refuse(reply, 403, "FORBIDDEN");
  try {
    const file = await store.openStream(grant.key);
    return await reply
      .header("content-type", file.contentType ?? "application/octet-stream")
      .header("content-length", file.byteSize)
      .header("cache-control", `private, max-age=${grant.secondsLeft}`)
      .header("x-content-type-options", "nosniff")
      .header("content-security-policy", "default-src 'none'; sandbox")
      .send(file.stream);
  } catch (error) {
    if (error instanceof BlobNotFound) return refuse(reply, 404, "NOT_FOUND");
    throw error;
  }
}

/** The rest of a refused upload is not worth reading: the connection ends with the answer. */
const refuse = (reply: FastifyReply, status: number, code: string): FastifyReply =>
  reply.code(status).header("connection", "close").send({ error: { code } });
