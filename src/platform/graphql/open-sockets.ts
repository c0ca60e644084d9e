import type { Logger } from "../observe/logger.ts";
import type { Nudges } from "../realtime/nudges.ts";
import type { SessionEndings, SignedIn } from "./context.ts";

/** Close codes. graphql-ws clients answer all but the first by connecting again. */
export const CLOSE = {
  /** The client does not keep to the protocol. */
  badRequest: 4400,
  /** The token expired or the session ended: come back with a fresh token. */
  forbidden: 4403,
  /** The server restarts. */
  restart: 1012,
  /** Too busy, or the reader is too slow. */
  tryLater: 1013,
} as const;

const SWEEP_MS = 5_000;
const SWEEP_WITHOUT_REDIS_MS = 1_000;
const MAX_TIMER_MS = 2_147_483_647;

/** A socket as this registry needs it. */
export interface OpenSocket {
  close(code: number, reason: string): void;
}

interface OpenSession {
  readonly sockets: Set<OpenSocket>;
  stopListening: (() => void) | null;
}

/** How many sockets may be open in this process at once. */
export interface SocketBounds {
  /** Of one user. */
  readonly perUser: number;
  /** Of one address, as long as nobody has signed in on them: many people can share an address. */
  readonly strangersPerAddress: number;
}

/** All open sockets of a process, by session: closes those whose token expired or whose session ended. */
export class OpenSockets {
  private readonly sessions = new Map<string, OpenSession>();
  private readonly perUser = new Map<string, number>();
  private readonly strangers = new Map<string, number>();
  private readonly suspects = new Set<string>();
  private checking = false;
  private lastSweepMs = Date.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly endings: SessionEndings,
    private readonly nudges: Nudges,
    private readonly bounds: SocketBounds,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => {
      this.sweepIfDue();
    }, SWEEP_WITHOUT_REDIS_MS).unref();
  }

  /**
   * Counts a socket that nobody has signed in on; null when its address has too many. The result ends that, as the socket
   * closes or becomes somebody's; it may be called twice.
   */
  arrive(address: string): (() => void) | null {
    const open = this.strangers.get(address) ?? 0;
    if (open >= this.bounds.strangersPerAddress) return null;
    this.strangers.set(address, open + 1);
    let here = true;
    return () => {
      if (here) decrease(this.strangers, address);
      here = false;
    };
  }

  /** Registers a socket; null when the user has too many. The result takes it out again. */
  admit(socket: OpenSocket, user: SignedIn): (() => void) | null {
    const open = this.perUser.get(user.userId) ?? 0;
    if (open >= this.bounds.perUser) return null;
    this.perUser.set(user.userId, open + 1);
    const expiry = setTimeout(
      () => {
        socket.close(CLOSE.forbidden, "Token expired");
      },
      Math.min(Math.max(0, user.expiresAtMs - Date.now()), MAX_TIMER_MS),
    ).unref();
    const session = this.sessions.get(user.sessionId) ?? {
      sockets: new Set(),
      stopListening: null,
    };
    this.sessions.set(user.sessionId, session);
    session.sockets.add(socket);
    if (session.sockets.size === 1) void this.listen(user.sessionId, session);
    return () => {
      clearTimeout(expiry);
      this.remove(socket, user, session);
    };
  }

  close(): void {
    clearInterval(this.timer);
    for (const session of this.sessions.values()) session.stopListening?.();
  }

  private async listen(sessionId: string, session: OpenSession): Promise<void> {
    const stop = await this.nudges.listen(this.endings.topicOf(sessionId), () => {
      this.suspects.add(sessionId);
      void this.check();
    });
    if (this.sessions.get(sessionId) !== session) return stop();
    session.stopListening = stop;
    // It may have ended before the first nudge could be heard.
    this.suspects.add(sessionId);
    void this.check();
  }

  private remove(socket: OpenSocket, user: SignedIn, session: OpenSession): void {
    decrease(this.perUser, user.userId);
    session.sockets.delete(socket);
    if (session.sockets.size > 0 || this.sessions.get(user.sessionId) !== session) return;
    this.sessions.delete(user.sessionId);
    session.stopListening?.();
  }

  private sweepIfDue(): void {
    const everyMs = this.nudges.isConnected() ? SWEEP_MS : SWEEP_WITHOUT_REDIS_MS;
    if (Date.now() - this.lastSweepMs < everyMs || this.sessions.size === 0) return;
    this.lastSweepMs = Date.now();
    for (const sessionId of this.sessions.keys()) this.suspects.add(sessionId);
    void this.check();
  }

  /** Asks PostgreSQL about all suspects in one statement. */
  private async check(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      while (this.suspects.size > 0) {
        const asked = [...this.suspects];
        this.suspects.clear();
        for (const sessionId of await this.endings.endedAmong(asked)) {
          for (const socket of [...(this.sessions.get(sessionId)?.sockets ?? [])]) {
            socket.close(CLOSE.forbidden, "Session ended");
          }
        }
      }
    } catch (error) {
      this.log.warn(
        { err: error },
        "could not check which sessions ended; the next sweep tries again",
      );
    } finally {
      this.checking = false;
    }
  }
}

function decrease(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
