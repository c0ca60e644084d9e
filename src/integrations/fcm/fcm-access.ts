import { importPKCS8, SignJWT } from "jose";
import { z } from "zod";
import type { Clock } from "../../platform/clock/clock.ts";
import { HttpClient } from "../../platform/http/http-client.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import type { ServiceAccount } from "./service-account.ts";

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ASSERTION_SECONDS = 3_600;
/** A token is renewed this long before it expires. */
const EARLY_MS = 5 * 60_000;

const answer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

export interface FcmAccessOptions {
  readonly account: ServiceAccount;
  readonly timeoutMs: number;
  readonly guard: ProviderGuard;
  readonly clock: Clock;
}

interface Access {
  readonly token: string;
  readonly renewAtMs: number;
}

/** Access tokens of a service account: a signed JWT is exchanged for one, which is used until shortly before it expires. */
export class FcmAccess {
  private readonly http: HttpClient;
  private readonly path: string;
  private current: Access | null = null;
  private renewing: Promise<Access> | null = null;

  constructor(private readonly options: FcmAccessOptions) {
    const { origin, pathname, search } = new URL(options.account.tokenUri);
    this.path = pathname.slice(1) + search;
    this.http = new HttpClient({
      provider: "fcm",
      baseUrl: origin,
      timeoutMs: options.timeoutMs,
    });
  }

  /** A token that is good for some minutes; callers at the same time share one exchange. @throws ProviderError */
  async token(): Promise<string> {
    if (this.current && this.options.clock.now().getTime() < this.current.renewAtMs) {
      return this.current.token;
    }
    this.renewing ??= this.renew().finally(() => {
      this.renewing = null;
    });
    return (await this.renewing).token;
  }

  /** Forgets a token that was refused, unless it was replaced meanwhile. */
  refuse(token: string): void {
    if (this.current?.token === token) this.current = null;
  }

  private async renew(): Promise<Access> {
    const assertion = await this.assertion();
    const call = { operation: "token", repeatable: true };
    const granted = await this.options.guard.run(call, (signal) =>
      this.http.json({
        method: "POST",
        path: this.path,
        form: { grant_type: GRANT, assertion },
        repeatable: true,
        schema: answer,
        signal,
      }),
    );
    const lifeMs = granted.expires_in * 1_000;
    // However short its life, a token is used at least once.
    const renewAtMs = this.options.clock.now().getTime() + Math.max(0, lifeMs - EARLY_MS);
    return (this.current = { token: granted.access_token, renewAtMs });
  }

  private async assertion(): Promise<string> {
    const { clientEmail, privateKey, privateKeyId, tokenUri } = this.options.account;
    const key = await importPKCS8(privateKey, "RS256");
    const issuedAt = Math.floor(this.options.clock.now().getTime() / 1_000);
    return new SignJWT({ scope: SCOPE })
      .setProtectedHeader({
        alg: "RS256",
        typ: "JWT",
        ...(privateKeyId === undefined ? {} : { kid: privateKeyId }),
      })
      .setIssuer(clientEmail)
      .setAudience(tokenUri)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_SECONDS)
      .sign(key);
  }
}
