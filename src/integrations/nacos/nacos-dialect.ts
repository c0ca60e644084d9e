import { createHash } from "node:crypto";
import { z } from "zod";
import type { HttpClient } from "../../platform/http/http-client.ts";
import { badAnswer, statusError } from "../../platform/resilience/classify.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";

export const NACOS = "nacos";

/** Where a document lies. */
export interface NacosPlace {
  /** Id of the namespace; "public" is the default one. */
  readonly namespace: string;
  readonly group: string;
  readonly dataId: string;
}

/** A document as the server holds it. */
export interface NacosDocument {
  readonly text: string;
  /** Of the UTF-8 text, lower-case hex. */
  readonly md5: string;
}

/** How one generation of servers is spoken to; every method throws ProviderError. */
export interface NacosDialect {
  readonly loginPath: string;
  /** The document, or null when there is none. */
  read(token: string | null, signal: AbortSignal): Promise<NacosDocument | null>;
  /** Waits for a document other than the known one (md5, or empty for none); false when the wait was over first. */
  wait(known: string, token: string | null, signal: AbortSignal): Promise<boolean>;
}

const md5Of = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");

/** True for the refusal of a token, or of a call without one. */
export const isDenied = (error: unknown): boolean =>
  error instanceof ProviderError && (error.status === 401 || error.status === 403);

/**
 * The HTTP API of servers before 3.2, `/nacos/v1/cs`: raw text, long polls. Its token is a query
 * parameter, and the namespace "public" goes by an empty name.
 */
export class NacosV1 implements NacosDialect {
  readonly loginPath = "nacos/v1/auth/login";
  private readonly tenant: string;

  /**
   * @param http for short calls
   * @param patient whose time limit is longer than `holdMs`
   */
  constructor(
    private readonly http: HttpClient,
    private readonly patient: HttpClient,
    private readonly place: NacosPlace,
    private readonly holdMs: number,
  ) {
    this.tenant = place.namespace === "public" ? "" : place.namespace;
  }

  async read(token: string | null, signal: AbortSignal): Promise<NacosDocument | null> {
    const { dataId, group } = this.place;
    const tenant: Record<string, string> = this.tenant === "" ? {} : { tenant: this.tenant };
    const query = { dataId, group, ...tenant, ...tokenQuery(token) };
    try {
      const answer = await this.http.text({
        method: "GET",
        path: "nacos/v1/cs/configs",
        query,
        signal,
      });
      return checked(answer.text, answer.headers.get("content-md5"));
    } catch (error) {
      if (error instanceof ProviderError && error.status === 404) return null;
      throw error;
    }
  }

  async wait(known: string, token: string | null, signal: AbortSignal): Promise<boolean> {
    const { dataId, group } = this.place;
    const tenant = this.tenant === "" ? [] : [this.tenant];
    const { text } = await this.patient.text({
      method: "POST",
      path: "nacos/v1/cs/configs/listener",
      query: tokenQuery(token),
      headers: { "long-pulling-timeout": String(this.holdMs) },
      form: { "Listening-Configs": `${[dataId, group, known, ...tenant].join("\x02")}\x01` },
      repeatable: true,
      signal,
    });
    if (text.trim() === "") return false;
    const changed = decoded(text.trim()).split("\x01");
    if (!changed.some((entry) => entry.startsWith(`${dataId}\x02${group}`))) {
      throw badAnswer(NACOS, true, 200);
    }
    return true;
  }
}

const tokenQuery = (token: string | null): Record<string, string> =>
  token === null ? {} : { accessToken: token };

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

const NO_SUCH_CONFIG = 20_004;
const ACCESS_DENIED = 10_001;
const envelope = z.object({
  code: z.number(),
  data: z.object({ content: z.string(), md5: z.string().nullish() }).nullish().catch(null),
});

/** The client HTTP API of servers from 3.0 on, `/nacos/v3/client`: JSON envelopes, no long poll. */
export class NacosV3 implements NacosDialect {
  readonly loginPath = "nacos/v3/auth/user/login";

  constructor(
    private readonly http: HttpClient,
    private readonly place: NacosPlace,
    private readonly pause: (signal: AbortSignal) => Promise<void>,
  ) {}

  async read(token: string | null, signal: AbortSignal): Promise<NacosDocument | null> {
    const { namespace, group, dataId } = this.place;
    const { code, data } = await this.http.json({
      method: "GET",
      path: "nacos/v3/client/cs/config",
      query: { namespaceId: namespace, groupName: group, dataId },
      headers: token === null ? {} : { accesstoken: token },
      schema: envelope,
      // Errors come with a status of their own or with 200: the code tells.
      accepts: ({ body }) => knownCode(body),
      signal,
    });
    if (code === NO_SUCH_CONFIG) return null;
    if (code === ACCESS_DENIED) throw statusError(NACOS, 403, new Headers(), 0);
    if (code !== 0 || !data) throw badAnswer(NACOS, true);
    return checked(data.content, data.md5 ?? null);
  }

  async wait(known: string, token: string | null, signal: AbortSignal): Promise<boolean> {
    await this.pause(signal);
    return ((await this.read(token, signal))?.md5 ?? "") !== known;
  }
}

function knownCode(body: unknown): boolean {
  const parsed = envelope.safeParse(body);
  return parsed.success && [NO_SUCH_CONFIG, ACCESS_DENIED].includes(parsed.data.code);
}

/** Half a document must not pass for a whole one. */
function checked(text: string, told: string | null): NacosDocument {
  const md5 = md5Of(text);
  if (told !== null && told.toLowerCase() !== md5) throw badAnswer(NACOS, true, 200);
  return { text, md5 };
}
