import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from "jose";
import { z } from "zod";
import { HttpClient } from "../../platform/http/http-client.ts";
import { badAnswer, connectionError } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";

export interface GoogleOptions {
  /** The client of the web flow; null lets only apps sign in. */
  web: { clientId: string; clientSecret: string } | null;
  /** Every client id that a token may be made for, the web's among them. */
  audiences: readonly string[];
  issuers: readonly string[];
  authUrl: string;
  tokenUrl: string;
  jwksUrl: string;
  timeoutMs: number;
  guard: ProviderGuard;
}

/** Whom a verified id token is about. */
export interface GoogleClaims {
  /** Google's own id of the person; an address can change hands, this cannot. */
  subject: string;
  email: string | null;
  emailVerified: boolean;
  firstName: string;
  lastName: string;
}

const PROVIDER = "google";
const CLOCK_TOLERANCE_SECONDS = 60;
const tokenAnswer = z.object({ id_token: z.string() });
const tokenError = z.object({ error: z.string() });

/** Sign-in with Google: OpenID Connect with authorization code and PKCE (RFC 7636, S256), and id tokens of apps. */
export class GoogleOpenId {
  private readonly http: HttpClient;
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(private readonly options: GoogleOptions) {
    this.http = new HttpClient({
      provider: PROVIDER,
      baseUrl: new URL(options.tokenUrl).origin,
      timeoutMs: options.timeoutMs,
    });
    this.keys = createRemoteJWKSet(new URL(options.jwksUrl), {
      timeoutDuration: options.timeoutMs,
    });
  }

  /** Whether a browser can be sent to Google. */
  get inBrowser(): boolean {
    return this.options.web !== null;
  }

  /** Where the browser goes to sign in. */
  authUrl(request: {
    redirectUri: string;
    state: string;
    nonce: string;
    codeChallenge: string;
  }): string {
    const url = new URL(this.options.authUrl);
    const parameters = {
      client_id: this.options.web?.clientId ?? "",
      redirect_uri: request.redirectUri,
      response_type: "code",
      scope: "openid email profile",
      state: request.state,
      nonce: request.nonce,
      code_challenge: request.codeChallenge,
      code_challenge_method: "S256",
      prompt: "select_account",
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  /**
   * Exchanges the code of a callback for an id token, once.
   * @throws ProviderError; `refused_input` when Google does not accept the code.
   */
  async exchange(request: {
    code: string;
    redirectUri: string;
    codeVerifier: string;
  }): Promise<string> {
    const { web, tokenUrl, guard } = this.options;
    const call = { operation: "exchange", repeatable: false, retries: 0 };
    const answer = await guard.run(call, (signal) =>
      this.http.json({
        method: "POST",
        path: new URL(tokenUrl).pathname.slice(1),
        form: {
          grant_type: "authorization_code",
          code: request.code,
          client_id: web?.clientId ?? "",
          client_secret: web?.clientSecret ?? "",
          redirect_uri: request.redirectUri,
          code_verifier: request.codeVerifier,
        },
        schema: tokenAnswer,
        signal,
        refusal: ({ status, body }) =>
          tokenError.safeParse(body).data?.error === "invalid_grant" ? badCode(status) : null,
      }),
    );
    return answer.id_token;
  }

  /**
   * Checks signature (RS256 by Google's current keys), issuer, audience, times and nonce of an id token.
   * @returns Null when it is not to be believed.
   * @throws ProviderError when Google's keys cannot be fetched.
   */
  async verify(idToken: string, nonce: string): Promise<GoogleClaims | null> {
    try {
      const { payload } = await jwtVerify(idToken, this.keys, {
        issuer: [...this.options.issuers],
        audience: [...this.options.audiences],
        algorithms: ["RS256"],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["sub", "exp", "iat", "nonce"],
      });
      return payload["nonce"] === nonce ? claimsOf(payload) : null;
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) {
        throw badAnswer(PROVIDER, true);
      }
      // The bare class stands for an answer of the key server that is not 200.
      const aboutKeys = error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC";
      if (aboutKeys) throw badAnswer(PROVIDER, true);
      if (error instanceof errors.JOSEError) return null;
      throw connectionError(PROVIDER, error, true);
    }
  }
}

function claimsOf(payload: JWTPayload): GoogleClaims | null {
  const text = (name: string) => (typeof payload[name] === "string" ? payload[name] : "");
  if (!payload.sub) return null;
  return {
    subject: payload.sub,
    email: text("email") || null,
    emailVerified: payload["email_verified"] === true,
    firstName: text("given_name") || text("name"),
    lastName: text("family_name"),
  };
}

const badCode = (status: number): ProviderError =>
  new ProviderError({
    provider: PROVIDER,
    outcome: "refused_input",
    code: PROVIDER_CODES.rejected,
    message: "Google did not accept the code.",
    status,
  });
