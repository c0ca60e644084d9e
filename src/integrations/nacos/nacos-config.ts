import { setTimeout as pause } from "node:timers/promises";
import type {
  DocumentListener,
  DocumentSource,
} from "../../platform/config/dynamic/document-source.ts";
import { HttpClient } from "../../platform/http/http-client.ts";
import {
  isDenied,
  NACOS,
  NacosV1,
  NacosV3,
  type NacosDialect,
  type NacosDocument,
  type NacosPlace,
} from "./nacos-dialect.ts";
import { NacosSession } from "./nacos-session.ts";

export interface NacosOptions extends NacosPlace {
  /** `host:port`, or a URL. */
  readonly server: string;
  readonly dialect: "v1" | "v3";
  /** Null for a server without sign-in. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** Time limit of one call, long polls aside. */
  readonly timeoutMs: number;
  /** How long v1 holds a long poll, and v3 pauses between two looks. Default 30 s. */
  readonly holdMs?: number;
  /** Pauses after faults: doubled from the first to the longest. Default 2 s to 30 s. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  readonly now?: () => Date;
  readonly random?: () => number;
}

const HOLD_MS = 30_000;
const BACKOFF = { firstMs: 2_000, maxMs: 30_000 };

/**
 * Follows one document of a Nacos server over HTTP. A refused token is renewed at once; any other fault is told and
 * tried again with growing pauses. A document that is removed leaves what was told before in place.
 */
export class NacosConfig implements DocumentSource {
  private readonly dialect: NacosDialect;
  private readonly session: NacosSession;
  private readonly ended = new AbortController();
  private running: Promise<void> | null = null;

  constructor(private readonly options: NacosOptions) {
    const { server, timeoutMs, holdMs = HOLD_MS } = options;
    const http = (limitMs: number) =>
      new HttpClient({
        provider: NACOS,
        baseUrl: /^https?:\/\//.test(server) ? server : `http://${server}`,
        timeoutMs: limitMs,
      });
    const short = http(timeoutMs);
    this.dialect =
      options.dialect === "v1"
        ? new NacosV1(short, http(holdMs + timeoutMs), options, holdMs)
        : new NacosV3(short, options, (signal) => pause(holdMs, undefined, { signal, ref: false }));
    this.session = new NacosSession(short, {
      path: this.dialect.loginPath,
      credentials: options.credentials,
      now: options.now ?? (() => new Date()),
    });
  }

  /** The document, or null when the server has none. @throws ProviderError */
  async read(): Promise<NacosDocument | null> {
    return this.withToken((token) => this.dialect.read(token, this.ended.signal));
  }

  watch(listener: DocumentListener): void {
    this.running ??= this.follow(listener);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.running;
  }

  private async follow(listener: DocumentListener): Promise<void> {
    const { signal } = this.ended;
    const { firstMs, maxMs } = this.options.backoff ?? BACKOFF;
    let known: string | null = null;
    let pauseMs = firstMs;
    while (!signal.aborted) {
      try {
        const before: string | null = known;
        const startedAt = performance.now();
        known = await this.round(before, listener);
        // A server that neither holds the poll nor has news would be asked without end.
        const idle = known === before && performance.now() - startedAt < firstMs;
        if (idle) await this.rest(firstMs);
        pauseMs = firstMs;
      } catch (error) {
        if (signal.aborted) return;
        listener.onFault(error);
        await this.rest(pauseMs);
        pauseMs = Math.min(pauseMs * 2, maxMs);
      }
    }
  }

  /** One look, after a wait for news unless nothing is known yet. @returns the md5 that is known now */
  private async round(known: string | null, listener: DocumentListener): Promise<string> {
    const { signal } = this.ended;
    const wait = (md5: string) =>
      this.withToken((token) => this.dialect.wait(md5, token, this.ended.signal));
    if (known !== null && !(await wait(known))) {
      // Nothing new on a missing document is no good news.
      if (known !== "") listener.onReached();
      return known;
    }
    const document = await this.read();
    signal.throwIfAborted();
    listener.onReached();
    const md5 = document?.md5 ?? "";
    if (document && md5 !== known) listener.onDocument(document.text);
    if (!document && md5 !== known) listener.onFault(new MissingDocument(this.options));
    return md5;
  }

  private async withToken<T>(call: (token: string | null) => Promise<T>): Promise<T> {
    const { signal } = this.ended;
    try {
      return await call(await this.session.token(signal));
    } catch (error) {
      if (!isDenied(error) || !this.options.credentials) throw error;
      this.session.drop();
      return call(await this.session.token(signal));
    }
  }

  /** Half of the pause is chance, so that many processes do not come back together. */
  private async rest(ms: number): Promise<void> {
    const share = 0.5 + (this.options.random ?? Math.random)() / 2;
    const { signal } = this.ended;
    await pause(ms * share, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** The server answers, but has no such document. */
class MissingDocument extends Error {
  constructor({ namespace, group, dataId }: NacosPlace) {
    super(`Nacos has no document ${dataId} in group ${group} of namespace ${namespace}.`);
    this.name = "MissingDocument";
  }
}
