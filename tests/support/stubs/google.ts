import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

export const STUB_GOOGLE = {
  clientId: "web.apps.stub",
  clientSecret: "stub-client-secret",
  issuer: "https://accounts.google.com",
};

const KID = "stub-key-1";

export interface GoogleStub {
  readonly stub: Stub;
  /** Who signs in from now on at /auth. */
  person(claims: Record<string, unknown>): void;
  /** An id token as an app gets it; claims that are undefined are left out. */
  idToken(claims: Record<string, unknown>, options?: { foreignKey?: boolean }): Promise<string>;
}

interface Grant {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly claims: Record<string, unknown>;
}

/** Google's /auth, which approves at once, /token, which checks PKCE, and /certs. */
export async function googleStub(): Promise<GoogleStub> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const foreign = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: KID, alg: "RS256", use: "sig" };
  const grants = new Map<string, Grant>();
  let claims: Record<string, unknown> = {};
  let count = 0;

  const idToken: GoogleStub["idToken"] = (own, options = {}) => {
    const now = Math.floor(Date.now() / 1_000);
    const { issuer: iss, clientId: aud } = STUB_GOOGLE;
    return new SignJWT({ iss, aud, iat: now, exp: now + 3_600, email_verified: true, ...own })
      .setProtectedHeader({ alg: "RS256", kid: KID })
      .sign(options.foreignKey ? foreign.privateKey : privateKey);
  };

  const authorize = ({ query }: StubRequest): StubAnswer => {
    const back = new URL(query["redirect_uri"] ?? "");
    back.searchParams.set("state", query["state"] ?? "");
    count += 1;
    const code = `4/code-${count}`;
    back.searchParams.set("code", code);
    grants.set(code, {
      nonce: query["nonce"] ?? "",
      challenge: query["code_challenge"] ?? "",
      redirectUri: query["redirect_uri"] ?? "",
      claims,
    });
    return { status: 302, headers: { location: back.href } };
  };

  const token = async ({ text }: StubRequest): Promise<StubAnswer> => {
    const form = new URLSearchParams(text);
    const grant = grants.get(form.get("code") ?? "");
    grants.delete(form.get("code") ?? "");
    if (form.get("client_secret") !== STUB_GOOGLE.clientSecret) return error(401);
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const right = grant?.challenge === challenge && grant.redirectUri === form.get("redirect_uri");
    if (!grant || !right) return error(400);
    const id_token = await idToken({ nonce: grant.nonce, ...grant.claims });
    return {
      status: 200,
      body: { access_token: "ya29.stub", expires_in: 3599, token_type: "Bearer", id_token },
    };
  };

  const stub: Stub = {
    provider: "google",
    handle(request) {
      if (request.path === "/auth") return authorize(request);
      if (request.path === "/token") return token(request);
      if (request.path === "/certs") return { status: 200, body: { keys: [jwk] } };
      return error(404);
    },
    error,
  };
  return { stub, idToken, person: (next) => void (claims = next) };
}

const error = (status: number): StubAnswer => ({
  status,
  body: {
    error: status === 400 ? "invalid_grant" : status === 401 ? "invalid_client" : "server_error",
    error_description: "Bad Request",
  },
});
