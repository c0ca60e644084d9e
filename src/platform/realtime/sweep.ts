import type { Logger } from "../observe/logger.ts";
import type { Nudges } from "./nudges.ts";

const TICK_MS = 1_000;
const TICKS_WITH_REDIS = 5;

/** Reads the present versions of many things in one statement. */
export type ReadVersions = (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>;

interface Watched {
  version: number;
  readonly pokes: Set<() => void>;
}

/**
 * Finds changes whose nudge was lost: reads the versions of everything that this process watches, in one statement,
 * each second while Redis is away, else every five seconds, and at once when Redis comes back.
 */
export class Sweep {
  private readonly watched = new Map<string, Watched>();
  private readonly timer: NodeJS.Timeout;
  private readonly stopWaiting: () => void;
  private ticks = 0;
  private running = false;

  constructor(
    private readonly readVersions: ReadVersions,
    private readonly nudges: Nudges,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => {
      this.ticks += 1;
      if (!nudges.isConnected() || this.ticks % TICKS_WITH_REDIS === 0) void this.run();
    }, TICK_MS).unref();
    this.stopWaiting = nudges.onReconnect(() => void this.run());
  }

  /** Pokes whenever the thing's version is not the last one seen. Returns how to stop. */
  add(id: string, poke: () => void): () => void {
    const entry = this.watched.get(id) ?? { version: 0, pokes: new Set() };
    this.watched.set(id, entry);
    entry.pokes.add(poke);
    return () => {
      entry.pokes.delete(poke);
      if (entry.pokes.size === 0 && this.watched.get(id) === entry) this.watched.delete(id);
    };
  }

  /** Notes that the watchers of a thing know this version, so that the sweep does not poke them for it. */
  saw(id: string, version: number): void {
    const entry = this.watched.get(id);
    if (entry && version > entry.version) entry.version = version;
  }

  close(): void {
    clearInterval(this.timer);
    this.stopWaiting();
    this.watched.clear();
  }

  private async run(): Promise<void> {
    if (this.running || this.watched.size === 0) return;
    this.running = true;
    try {
      const versions = await this.readVersions([...this.watched.keys()]);
      for (const [id, entry] of this.watched) {
        const version = versions.get(id);
        if (version === undefined || version === entry.version) continue;
        entry.version = version;
        for (const poke of entry.pokes) poke();
      }
    } catch (error) {
      this.log.warn({ err: error }, "a sweep over watched things failed; the next one tries again");
    } finally {
      this.running = false;
    }
  }
}
