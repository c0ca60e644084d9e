import { lookup as resolve } from "node:dns";
import { lookup as resolveAll } from "node:dns/promises";
import { get as getPlain, type IncomingMessage } from "node:http";
import { get as getSecure } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./public-address.ts";

const MAX_REDIRECTS = 3;
const LOOKUP_MS = 3_000;

/** Why a stranger's URL was not downloaded. The text names neither addresses nor answers. */
export class DownloadRefused extends Error {
  constructor(
    readonly reason: "FORBIDDEN_URL" | "UNREACHABLE" | "NOT_FOUND" | "TOO_LARGE" | "TOO_SLOW",
  ) {
    super(`A download was refused: ${reason}.`);
  }
}

export interface PublicDownloadOptions {
  readonly maxBytes: number;
  /** For the whole download with its redirects. */
  readonly timeoutMs: number;
  /** Where it may connect to. Public addresses unless told; something else is for tests only. */
  readonly allows?: (address: string, port: number) => boolean;
  /** HTTPS alone unless told. */
  readonly protocols?: readonly string[];
}

/**
 * Downloads what users name by URL, and never reaches into our own network: every address that a host name has is
 * judged, and the connection goes to the address that was judged, also after each redirect.
 * OWASP: Server-Side Request Forgery Prevention, case 2.
 */
export class PublicDownload {
  constructor(private readonly options: PublicDownloadOptions) {}

  /**
   * @throws DownloadRefused, or the signal's reason
   * @returns the body as it came; its type is for the caller to judge by the bytes
   */
  async bytes(url: string, signal?: AbortSignal): Promise<Uint8Array> {
    const limit = AbortSignal.timeout(this.options.timeoutMs);
    const both = signal ? AbortSignal.any([signal, limit]) : limit;
    try {
      return await this.follow(url, both);
    } catch (error) {
      signal?.throwIfAborted();
      if (limit.aborted) throw new DownloadRefused("TOO_SLOW");
      if (error instanceof DownloadRefused) throw error;
      throw new DownloadRefused("UNREACHABLE");
    }
  }

  /**
   * Whether a URL may be downloaded as far as it can be told without asking its host: scheme, form, and where its name leads now.
   * The download itself judges again.
   * @throws DownloadRefused
   */
  async check(text: string): Promise<void> {
    const url = this.judged(text);
    const host = hostOf(url);
    if (isIP(host) !== 0) return;
    const limit = AbortSignal.timeout(Math.min(this.options.timeoutMs, LOOKUP_MS));
    const late = new Promise<never>((_found, failed) => {
      limit.addEventListener("abort", () => failed(new DownloadRefused("TOO_SLOW")), {
        once: true,
      });
    });
    const found = await Promise.race([
      resolveAll(host, { all: true }).catch(() => {
        throw new DownloadRefused("UNREACHABLE");
      }),
      late,
    ]);
    if (!found.every(({ address }) => this.allows(address, portOf(url)))) {
      throw new DownloadRefused("FORBIDDEN_URL");
    }
  }

  private async follow(start: string, signal: AbortSignal): Promise<Uint8Array> {
    let url = this.judged(start);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.open(url, signal);
      const status = answer.statusCode ?? 0;
      if (status >= 300 && status < 400 && answer.headers.location !== undefined) {
        answer.destroy();
        url = this.judged(answer.headers.location, url);
        continue;
      }
      if (status === 200) return this.read(answer);
      answer.destroy();
      throw new DownloadRefused("NOT_FOUND");
    }
    throw new DownloadRefused("UNREACHABLE");
  }

  private judged(text: string, base?: URL): URL {
    const { protocols = ["https:"] } = this.options;
    const url = URL.canParse(text, base) ? new URL(text, base) : null;
    if (!url || !protocols.includes(url.protocol) || url.username !== "" || url.password !== "") {
      throw new DownloadRefused("FORBIDDEN_URL");
    }
    // A literal address is connected to without a lookup.
    const host = hostOf(url);
    if (isIP(host) !== 0 && !this.allows(host, portOf(url))) {
      throw new DownloadRefused("FORBIDDEN_URL");
    }
    return url;
  }

  private allows(address: string, port: number): boolean {
    const { allows } = this.options;
    if (allows) return allows(address, port);
    return isPublicAddress(address) && (port === 443 || port === 80);
  }

  private open(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const get = url.protocol === "https:" ? getSecure : getPlain;
    return new Promise((opened, failed) => {
      const request = get(
        url,
        // No agent: a connection that was made for another host is never used.
        { agent: false, signal, lookup: this.lookup(portOf(url)), headers: { accept: "*/*" } },
        opened,
      );
      request.on("error", failed);
    });
  }

  private lookup(port: number): LookupFunction {
    return (host, options, done) => {
      resolve(host, { ...options, all: true }, (error, found) => {
        const first = found?.[0];
        if (error || !first) {
          done(error ?? new DownloadRefused("UNREACHABLE"), "", 0);
        } else if (!found.every(({ address }) => this.allows(address, port))) {
          done(new DownloadRefused("FORBIDDEN_URL"), "", 0);
        } else if (options.all) {
          done(null, found);
        } else {
          done(null, first.address, first.family);
        }
      });
    };
  }

  private async read(answer: IncomingMessage): Promise<Uint8Array> {
    const { maxBytes } = this.options;
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of answer as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > maxBytes) {
        answer.destroy();
        throw new DownloadRefused("TOO_LARGE");
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === "https:" ? 443 : 80));
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");
