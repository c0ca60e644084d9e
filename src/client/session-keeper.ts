/** What an app keeps of a signed-in session, in the keychain or its like. */
export interface StoredSession {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** By the clock of this device, in milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** Where an app keeps its session over restarts. */
export interface SessionStore {
  load(): Promise<StoredSession | null>;
  save(session: StoredSession | null): Promise<void>;
}

/** A store that forgets when the app ends. */
export function memorySessionStore(session: StoredSession | null = null): SessionStore {
  let kept = session;
  return {
    load: () => Promise.resolve(kept),
    save: (next) => {
      kept = next;
      return Promise.resolve();
    },
  };
}

export interface SessionKeeperOptions {
  readonly store: SessionStore;
  /**
   * Trades a refresh token for a new session; null when the server refuses it for good.
   * Rejects when the server cannot be reached, which ends nothing.
   */
  readonly refresh: (session: StoredSession) => Promise<StoredSession | null>;
  readonly now?: () => number;
}

/** Refreshed so long before the end that a request does not arrive with an expired token. */
const MARGIN_MS = 20_000;

/** Holds the session of an app and keeps its access token fresh. */
export class SessionKeeper {
  private session: StoredSession | null = null;
  private loading: Promise<void> | null = null;
  private refreshing: Promise<void> | null = null;
  private readonly listeners = new Set<(session: StoredSession | null) => void>();
  private readonly now: () => number;

  constructor(private readonly options: SessionKeeperOptions) {
    this.now = options.now ?? Date.now;
  }

  /** The session as stored, without asking the server. */
  async current(): Promise<StoredSession | null> {
    await (this.loading ??= this.load());
    return this.session;
  }

  /**
   * An access token that should be accepted, null when nobody is signed in. Many callers share one refresh.
   * @param refused The token that the server has just refused: if it is still the kept one, it is replaced.
   * @throws what `refresh` rejects with, when no usable token is left.
   */
  async accessToken(refused: string | null = null): Promise<string | null> {
    const session = await this.current();
    if (!session) return null;
    const left = session.expiresAtMs - this.now();
    if (session.accessToken !== refused && left > MARGIN_MS) return session.accessToken;
    try {
      await (this.refreshing ??= this.refresh(session).finally(() => {
        this.refreshing = null;
      }));
    } catch (error) {
      if (session.accessToken === refused || left <= 0) throw error;
    }
    return this.session?.accessToken ?? null;
  }

  /** Takes a new session, such as after signing in; null signs this device out. */
  async replace(session: StoredSession | null): Promise<void> {
    const before = await this.current();
    this.session = session;
    await this.options.store.save(session);
    if (before?.userId === session?.userId) return;
    for (const listener of this.listeners) listener(session);
  }

  /** Calls back when another user, or nobody, is signed in. The result stops it. */
  onUserChange(listener: (session: StoredSession | null) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private async load(): Promise<void> {
    try {
      this.session = await this.options.store.load();
    } catch (error) {
      this.loading = null;
      throw error;
    }
  }

  private async refresh(session: StoredSession): Promise<void> {
    const next = await this.options.refresh(session);
    // Signed out or in as someone else meanwhile: the answer is of no use any more.
    if (this.session === session) await this.replace(next);
  }
}
