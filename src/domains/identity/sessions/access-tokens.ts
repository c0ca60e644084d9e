import { errors, jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../../platform/clock/clock.ts";
import { derivedKey } from "../../../platform/crypto/derived-key.ts";
import { hashToken } from "../../../platform/crypto/tokens.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import { isId } from "../../../platform/ids/ids.ts";
import type { SessionOwner } from "./session.repository.ts";

export interface AccessTokensOptions {
  readonly secretKey: string;
  readonly lifeSeconds: number;
  readonly clock: Clock;
}

// Not an address: processes of one deployment may be reached under several, and accept each other's tokens.
const ISSUER = "facet";
const AUDIENCE = "facet";
const ROLES: readonly unknown[] = ["CUSTOMER", "MODERATOR", "ADMIN"];
const LANGUAGES: readonly unknown[] = ["EN", "KH"];

/** Signs and reads access tokens: JWTs with HMAC-SHA256. */
export class AccessTokens {
  private readonly key: Uint8Array;
  private readonly keyId: string;

  constructor(private readonly options: AccessTokensOptions) {
    this.key = derivedKey(options.secretKey, "access token");
    this.keyId = hashToken(Buffer.from(this.key).toString("base64")).slice(0, 12);
  }

  async issue(owner: SessionOwner): Promise<{ token: string; expiresAt: Date }> {
    const { lifeSeconds, clock } = this.options;
    const issuedAt = Math.floor(clock.now().getTime() / 1_000);
    const token = await new SignJWT({
      sid: owner.sessionId,
      role: owner.role,
      language: owner.language,
    })
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: this.keyId })
      .setSubject(owner.userId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifeSeconds)
      .sign(this.key);
    return { token, expiresAt: new Date((issuedAt + lifeSeconds) * 1_000) };
  }

  /** What the token says, or why it is refused. Whether its session still lives is not asked here. */
  async read(token: string): Promise<SignedIn | "MALFORMED_TOKEN" | "TOKEN_EXPIRED"> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.key, {
        algorithms: ["HS256"],
        typ: "at+jwt",
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["sub", "exp"],
        currentDate: this.options.clock.now(),
      });
      const { sub, exp, sid, role, language } = payload;
      const whole =
        protectedHeader.kid === this.keyId &&
        isId(sub, "usr") &&
        isId(sid, "ses") &&
        ROLES.includes(role) &&
        LANGUAGES.includes(language) &&
        exp !== undefined;
      if (!whole) return "MALFORMED_TOKEN";
      return {
        userId: sub,
        sessionId: sid,
        role: role as SignedIn["role"],
        language: language as SignedIn["language"],
        expiresAtMs: exp * 1_000,
      };
    } catch (error) {
      return error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "MALFORMED_TOKEN";
    }
  }
}
