import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const PATH = "/graphiql";
const ENDPOINT = "/graphql";

/** An operation that the page opens with. */
export interface GraphiQLTab {
  readonly query: string;
  /** JSON text. */
  readonly variables?: string;
}

export interface GraphiQLOptions {
  readonly title: string;
  readonly tabs: readonly GraphiQLTab[];
}

interface Page {
  /** 2.4 MB in the place of 9. */
  readonly zipped: Buffer;
  readonly etag: string;
  readonly contentSecurityPolicy: string;
}

/**
 * Serves GraphiQL at `/graphiql`: one page that holds everything and asks no other host for anything. It is made when
 * it is first asked for, and kept compressed.
 */
export function graphiqlRoutes(options: GraphiQLOptions): (app: FastifyInstance) => void {
  let page: Promise<Page> | null = null;
  const open = () =>
    (page ??= render(options).catch((error: unknown) => {
      page = null;
      throw error;
    }));
  return (app) => {
    app.get(PATH, async (request, reply) => send(await open(), request, reply));
  };
}

async function send(page: Page, request: FastifyRequest, reply: FastifyReply) {
  void reply
    .header("etag", page.etag)
    .header("cache-control", "no-cache")
    .header("vary", "Accept-Encoding");
  if (request.headers["if-none-match"] === page.etag) return reply.code(304).send();
  void reply
    .type("text/html; charset=utf-8")
    .header("content-security-policy", page.contentSecurityPolicy)
    .header("referrer-policy", "no-referrer");
  const zips = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  if (!zips) return reply.send(await promisify(gunzip)(page.zipped));
  return reply.header("content-encoding", "gzip").send(page.zipped);
}

async function render(options: GraphiQLOptions): Promise<Page> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const html = renderGraphiQL({
    title: options.title,
    endpoint: ENDPOINT,
    subscriptionsProtocol: "WS",
    defaultTabs: options.tabs.map(({ query, variables }) => ({
      query,
      variables: variables ?? null,
    })),
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: true,
    defaultEditorToolsVisibility: true,
  });
  return {
    zipped: await promisify(gzip)(html, { level: 9 }),
    etag: `"${createHash("sha256").update(html).digest("base64url").slice(0, 27)}"`,
    contentSecurityPolicy: contentSecurityPolicy(html),
  };
}

/** Allows the page's own inline scripts, its workers, and its own server; nothing else. */
function contentSecurityPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text ?? "");
  const hashes = scripts.map(
    (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${hashes.join(" ")} blob:`,
    "worker-src blob:",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
