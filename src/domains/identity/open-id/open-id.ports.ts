/** Whom a verified id token is about. */
export interface OpenIdClaims {
  /** The provider's own id of the person. */
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly firstName: string;
  readonly lastName: string;
}

/** An OpenID provider. Throws ProviderError when it cannot be reached. */
export interface OpenIdProvider {
  /** Whether a browser can be sent to it. */
  readonly inBrowser: boolean;
  authUrl(request: {
    redirectUri: string;
    state: string;
    nonce: string;
    codeChallenge: string;
  }): string;
  /** Exchanges the code of a callback for an id token. */
  exchange(request: { code: string; redirectUri: string; codeVerifier: string }): Promise<string>;
  /** The claims of an id token; null when it is not to be believed. */
  verify(idToken: string, nonce: string): Promise<OpenIdClaims | null>;
}
