import type { Clock } from "../../../platform/clock/clock.ts";
import { pkceChallenge } from "../../../platform/crypto/pkce.ts";
import { SealedText } from "../../../platform/crypto/sealed-text.ts";
import { hashToken, isRandomToken, randomToken } from "../../../platform/crypto/tokens.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import { badUserInput, PublicError } from "../../../platform/graphql/errors.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { AuthEventRepository } from "../accounts/auth-event.repository.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { IssuedSession, OpenedSession, SessionService } from "../sessions/session.service.ts";
import type { OpenIdAccounts } from "./open-id-accounts.ts";
import type { OpenIdClaims, OpenIdProvider } from "./open-id.ports.ts";
import type { OpenIdRepository } from "./open-id.repository.ts";

export interface OpenIdServiceDeps {
  readonly uow: UnitOfWork;
  readonly openIds: OpenIdRepository;
  readonly openIdAccounts: OpenIdAccounts;
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly authEvents: AuthEventRepository;
  readonly rateLimiter: RateLimiter;
  /** Null when it is not configured. */
  readonly google: OpenIdProvider | null;
  readonly clock: Clock;
  readonly secretKey: string;
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  readonly loginsPerMinute: number;
}

/** Below the public URL: `start` sends the browser away, `callback` takes it back, `done` is where it ends by default. */
export const OPEN_ID_PATHS = {
  start: "/auth/google",
  callback: "/auth/google/callback",
  done: "/auth/google/done",
} as const;

/** How long a browser may be on its way, and then the client that began may take to finish. */
export const ATTEMPT_SECONDS = 600;
const FINISH_MS = 120_000;

/** Sign-in by an OpenID provider: in a browser with state, PKCE and a cookie, or by the id token of an app. */
export class OpenIdService {
  private readonly perCaller: RateLimit;
  private readonly sealed: SealedText;

  constructor(private readonly deps: OpenIdServiceDeps) {
    this.perCaller = { name: "login_open_id", points: deps.loginsPerMinute, windowSeconds: 60 };
    this.sealed = new SealedText(deps.secretKey, "open id proof");
  }

  /**
   * Begins a sign-in in the browser.
   * @param returnTo Where the browser ends; its origin must be one of ours.
   * @returns The address to open, and the secret that `finish` needs.
   */
  async begin(
    returnTo: string | null,
    caller: Caller,
  ): Promise<{ url: string; secret: string; expiresAt: Date }> {
    const { openIds, uow, clock, publicUrl, rateLimiter } = this.deps;
    if (!this.deps.google?.inBrowser) return refuseWith("SIGN_IN_UNAVAILABLE");
    await rateLimiter.consume(this.perCaller, caller.ip);
    const [start, secret] = [randomToken(), randomToken()];
    const attempt = {
      startHash: hashToken(start),
      secretHash: hashToken(secret),
      returnTo: this.checkedReturn(returnTo),
      expiresAt: new Date(clock.now().getTime() + ATTEMPT_SECONDS * 1_000),
    };
    await uow.run((tx) => openIds.addAttempt(tx, attempt));
    const url = `${publicUrl}${OPEN_ID_PATHS.start}?attempt=${start}`;
    return { url, secret, expiresAt: attempt.expiresAt };
  }

  /** Binds an attempt to the browser that opens it: where it goes on, and what its cookie must hold; null when it is over. */
  async start(token: string): Promise<{ location: string; browser: string } | null> {
    const { google, openIds, uow, clock } = this.deps;
    if (!google || !isRandomToken(token)) return null;
    const [state, browser] = [randomToken(), randomToken()];
    const proof = { verifier: randomToken(), nonce: randomToken() };
    const started = await uow.run((tx) =>
      openIds.start(tx, {
        startHash: hashToken(token),
        stateHash: hashToken(state),
        browserHash: hashToken(browser),
        sealedProof: this.sealed.seal(JSON.stringify(proof)),
        at: clock.now(),
      }),
    );
    if (!started) return null;
    const location = google.authUrl({
      redirectUri: this.redirectUri,
      state,
      nonce: proof.nonce,
      codeChallenge: pkceChallenge(proof.verifier),
    });
    return { location, browser };
  }

  /**
   * Takes a browser back that the provider sent. A state works once, and only in the browser that left with it.
   * @returns Where the browser goes on, with `#code=…` or `#error=…`; null when the state is not its own.
   */
  async back(
    answer: { state: string; code: string; browser: string; language: Language },
    caller: Caller,
  ): Promise<string | null> {
    const { openIds, uow, clock } = this.deps;
    const stateHash = hashToken(answer.state);
    const browserHash = hashToken(answer.browser);
    const attempt = await uow.run((tx) =>
      openIds.takeReturn(tx, { stateHash, browserHash, at: clock.now() }),
    );
    if (!attempt) return null;
    const claims =
      answer.code === "" ? null : await this.claimsBehind(answer.code, attempt.sealedProof);
    if (!claims) return `${attempt.returnTo}#error=SIGN_IN_FAILED`;
    const code = randomToken();
    const result = await this.signIn(claims, answer.language, caller, async (tx, user) => {
      const expiresAt = new Date(clock.now().getTime() + FINISH_MS);
      const { startHash } = attempt;
      await openIds.complete(tx, {
        startHash,
        codeHash: hashToken(code),
        userId: user.id,
        expiresAt,
      });
      return true;
    });
    return `${attempt.returnTo}#${typeof result === "string" ? `error=${result}` : `code=${code}`}`;
  }

  /** Gives the session to the client that began the sign-in. */
  async finish(code: string, secret: string, caller: Caller): Promise<IssuedSession> {
    const { openIds, users, sessions, uow, clock, rateLimiter } = this.deps;
    await rateLimiter.consume(this.perCaller, caller.ip);
    const opened = await uow.run(async (tx) => {
      const hashes = { codeHash: hashToken(code), secretHash: hashToken(secret) };
      const userId = await openIds.finish(tx, { ...hashes, at: clock.now() });
      const user = userId === null ? null : await users.lock(tx, userId);
      return user?.isActive ? await sessions.open(tx, { user, caller, deviceId: null }) : null;
    });
    return opened ? sessions.issue(opened) : refuseWith("TOKEN_INVALID", ["input", "code"]);
  }

  /** Signs in by the id token that an app was given for its nonce. */
  async loginWithIdToken(
    proof: { idToken: string; nonce: string; language: Language },
    caller: Caller,
  ): Promise<IssuedSession> {
    const { sessions, rateLimiter } = this.deps;
    await rateLimiter.consume(this.perCaller, caller.ip);
    const claims = await this.claimsOf(proof.idToken, proof.nonce);
    const open = (tx: Tx, user: User): Promise<OpenedSession> =>
      sessions.open(tx, { user, caller, deviceId: null });
    const result = await this.signIn(claims, proof.language, caller, open);
    return typeof result === "string"
      ? refuseWith(result, ["input", "idToken"])
      : sessions.issue(result);
  }

  /** The claims of an id token. @throws Refused when it is not to be believed. */
  async claimsOf(idToken: string, nonce: string): Promise<OpenIdClaims> {
    const { google } = this.deps;
    if (!google) return refuseWith("SIGN_IN_UNAVAILABLE");
    const claims = await google.verify(idToken, nonce).catch(unreachable);
    return claims ?? refuseWith("TOKEN_INVALID", ["input", "idToken"]);
  }

  private signIn<T>(
    claims: OpenIdClaims,
    language: Language,
    caller: Caller,
    then: (tx: Tx, user: User) => Promise<T>,
  ): Promise<T | IdentityProblemCode> {
    const { uow, authEvents, openIdAccounts } = this.deps;
    return uow.run(async (tx) => {
      const user = await openIdAccounts.userOf(tx, claims, language);
      const refused = typeof user === "string";
      const outcome = refused ? user : "OK";
      const userId = refused ? null : user.id;
      await authEvents.add(tx, { action: "LOGIN_OPEN_ID", outcome, userId, caller });
      return refused ? user : await then(tx, user);
    });
  }

  private async claimsBehind(code: string, sealedProof: string): Promise<OpenIdClaims | null> {
    const { google } = this.deps;
    const { verifier, nonce } = JSON.parse(this.sealed.open(sealedProof)) as {
      verifier: string;
      nonce: string;
    };
    try {
      const { redirectUri } = this;
      const idToken = await google?.exchange({ code, redirectUri, codeVerifier: verifier });
      return idToken === undefined ? null : ((await google?.verify(idToken, nonce)) ?? null);
    } catch (error) {
      if (error instanceof ProviderError) return null;
      throw error;
    }
  }

  private get redirectUri(): string {
    return `${this.deps.publicUrl}${OPEN_ID_PATHS.callback}`;
  }

  private checkedReturn(returnTo: string | null): string {
    const { publicUrl, allowedOrigins } = this.deps;
    if (returnTo === null) return `${publicUrl}${OPEN_ID_PATHS.done}`;
    const url = URL.canParse(returnTo) ? new URL(returnTo) : null;
    const ours = [new URL(publicUrl).origin, ...allowedOrigins];
    if (!url || !ours.includes(url.origin) || url.username !== "" || returnTo.length > 2_000) {
      throw badUserInput("This is no address of ours.", ["input", "returnTo"]);
    }
    url.hash = "";
    return url.href;
  }
}

function unreachable(error: unknown): never {
  if (!(error instanceof ProviderError)) throw error;
  throw new PublicError("PROVIDER_UNAVAILABLE", "Signing in this way is not possible right now.");
}
