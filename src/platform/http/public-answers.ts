import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLEngine } from "../graphql/engine.ts";
import { languageOf } from "../graphql/create-context.ts";
import type { KeptAnswer, KeptAnswers } from "./kept-answers.ts";

const MAX_KEY_LENGTH = 4_000;
const CACHE_CONTROL = "public, max-age=10, must-revalidate";
const VARY = "Accept, Accept-Language, Authorization, Origin";

interface Open {
  readonly key: string;
  readonly generation: string;
}

export interface PublicAnswersOptions {
  readonly engine: GraphQLEngine;
  readonly kept: KeptAnswers;
  /** Whether changes of rows are heard of; nothing is kept otherwise. */
  readonly isTrusted: () => boolean;
}

/**
 * Keeps answers to GET requests of strangers for stored operations all of whose fields are public: by operation,
 * variables and language. Whoever sends credentials is always answered afresh.
 */
export class PublicAnswers {
  private readonly open = new WeakMap<FastifyRequest, Open>();

  constructor(private readonly options: PublicAnswersOptions) {}

  /** Answers from what is kept; false when the request has to be worked on. */
  async serve(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const key = this.keyOf(request);
    if (key === null || !this.options.isTrusted()) return false;
    const { generation, answer } = await this.options.kept.find(key);
    if (answer) {
      await reply
        .type(answer.contentType)
        .headers(headersOf(answer))
        .code(isKnownTo(request, answer.etag) ? 304 : 200)
        .send(isKnownTo(request, answer.etag) ? undefined : answer.body);
      return true;
    }
    this.open.set(request, { key, generation });
    return false;
  }

  /** Looks at an answer on its way out and keeps it; resolves to what is sent. */
  leave(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    const open = this.open.get(request);
    // An answer with errors begins with them.
    const isWhole = typeof payload === "string" && payload.startsWith('{"data":{');
    if (!open || !isWhole || reply.statusCode !== 200) return payload;
    this.open.delete(request);
    const etag = `"${createHash("sha256").update(payload).digest("base64url").slice(0, 27)}"`;
    const contentType = String(reply.getHeader("content-type"));
    const answer = { etag, contentType, body: payload };
    if (this.options.isTrusted()) this.options.kept.keep(open.key, open.generation, answer);
    void reply.headers(headersOf(answer));
    if (!isKnownTo(request, etag)) return payload;
    void reply.code(304).removeHeader("content-length");
    return "";
  }

  /** What an answer is kept under; null when it must not be kept. */
  private keyOf({ method, query, headers }: FastifyRequest): string | null {
    if (method !== "GET" || headers.authorization !== undefined) return null;
    // Without such a header Apollo Server refuses the request, also when its answer is known.
    if (!headers["apollo-require-preflight"] && !headers["x-apollo-operation-name"]) return null;
    const { extensions, variables, operationName, ...others } = query as Record<string, unknown>;
    const hash = hashOf(extensions);
    if (hash === null || Object.keys(others).length > 0) return null;
    if (!this.options.engine.isPublic(hash)) return null;
    const language = languageOf(headers["accept-language"]);
    const parts = [hash, variables, operationName, language, headers.accept];
    if (parts.some((part) => part !== undefined && typeof part !== "string")) return null;
    const key = JSON.stringify(parts);
    return key.length > MAX_KEY_LENGTH ? null : key;
  }
}

const headersOf = ({ etag }: KeptAnswer) => ({
  etag,
  "cache-control": CACHE_CONTROL,
  vary: VARY,
});

const isKnownTo = ({ headers }: FastifyRequest, etag: string): boolean =>
  (headers["if-none-match"] ?? "")
    .split(",")
    .some((known) => known.trim().replace(/^W\//, "") === etag || known.trim() === "*");

/** The hash of a stored operation in the parameter `extensions`. */
function hashOf(extensions: unknown): string | null {
  if (typeof extensions !== "string") return null;
  try {
    const given = JSON.parse(extensions) as { persistedQuery?: { sha256Hash?: unknown } } | null;
    const hash = given?.persistedQuery?.sha256Hash;
    return typeof hash === "string" ? hash : null;
  } catch {
    return null;
  }
}
