import type { Logger } from "../observe/logger.ts";
import type { Nudges } from "./nudges.ts";

const TICK_MS = 1_000;
const TICKS_WITH_REDIS = 5;

/** Reads the present versions of many things in one statement. */
export type ReadVersions = (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>;

/** One watcher's place in the sweep. Each has its own: what one has seen, another may have missed. */
export interface SweptWatcher {
  /** Notes the version that the watcher knows, so that the sweep does not poke it for that one. */
  saw(version: number): void;
  stop(): void;
}

/**
 * Finds changes whose nudge was lost: reads the versions of everything that this process watches, in one statement,
 * each second while Redis is away, else every five seconds, and at once when Redis comes back.
 */
export class Sweep {
  private readonly watched = new Map<string, Set<Watcher>>();
  private readonly timer: NodeJS.Timeout;
  private readonly stopWaiting: () => void;
  private ticks = 0;
  private running = false;
  private again = false;

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

  /**
   * Pokes at each nudge of a topic, and whenever the thing's version is found to be newer than the last one that this
   * watcher saw. Resolves once really subscribed.
   */
  async listen(id: string, topic: string, poke: () => void): Promise<SweptWatcher> {
    const watcher = this.add(id, poke);
    try {
      watcher.stopNudges = await this.nudges.listen(topic, poke);
      return watcher;
    } catch (error) {
      watcher.stop();
      throw error;
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.stopWaiting();
    this.watched.clear();
  }

  private add(id: string, poke: () => void): Watcher {
    const watchers = this.watched.get(id) ?? new Set();
    this.watched.set(id, watchers);
    const watcher = new Watcher(poke, () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.watched.get(id) === watchers) this.watched.delete(id);
    });
    watchers.add(watcher);
    return watcher;
  }

  private async run(): Promise<void> {
    // What changed after the running sweep read would wait for the next one.
    this.again = this.running;
    if (this.running) return;
    this.running = true;
    try {
      do {
        this.again = false;
        await this.pokeAll();
      } while (this.again);
    } catch (error) {
      this.log.warn({ err: error }, "a sweep over watched things failed; the next one tries again");
    } finally {
      this.running = false;
    }
  }

  private async pokeAll(): Promise<void> {
    if (this.watched.size === 0) return;
    const versions = await this.readVersions([...this.watched.keys()]);
    for (const [id, version] of versions) {
      for (const watcher of this.watched.get(id) ?? []) {
        if (version > watcher.version) watcher.poke();
      }
    }
  }
}

class Watcher implements SweptWatcher {
  version = 0;
  stopNudges: (() => void) | null = null;

  constructor(
    readonly poke: () => void,
    private readonly leave: () => void,
  ) {}

  saw(version: number): void {
    this.version = Math.max(this.version, version);
  }

  stop(): void {
    this.leave();
    this.stopNudges?.();
  }
}
