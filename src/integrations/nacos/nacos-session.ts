import { z } from "zod";
import type { HttpClient } from "../../platform/http/http-client.ts";

/** Tokens are renewed when this share of their life is over. */
const RENEW_AT = 0.8;

const answer = z.object({ accessToken: z.string().min(1), tokenTtl: z.number().positive() });

/** A user of a Nacos server and the token that stands for it. */
export class NacosSession {
  private held: { token: string; renewAtMs: number } | null = null;

  constructor(
    private readonly http: HttpClient,
    private readonly options: {
      readonly path: string;
      /** Null for a server that asks for none. */
      readonly credentials: { readonly username: string; readonly password: string } | null;
      readonly now: () => Date;
    },
  ) {}

  /** A token that is good for now, or null without credentials. @throws ProviderError */
  async token(signal: AbortSignal): Promise<string | null> {
    const { credentials, path, now } = this.options;
    if (!credentials) return null;
    if (this.held && now().getTime() < this.held.renewAtMs) return this.held.token;
    const { accessToken, tokenTtl } = await this.http.json({
      method: "POST",
      path,
      form: { ...credentials },
      schema: answer,
      repeatable: true,
      signal,
    });
    this.held = {
      token: accessToken,
      renewAtMs: now().getTime() + tokenTtl * 1000 * RENEW_AT,
    };
    return accessToken;
  }

  /** The server does not take the token any more; the next call signs in again. */
  drop(): void {
    this.held = null;
  }
}
