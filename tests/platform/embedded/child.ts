import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const DEADLINE_MS = 15_000;

/** A process of its own that runs a script beside this file; it speaks to the test by lines. */
export class Child {
  readonly exited: Promise<void>;
  private readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();
  private over = false;

  private constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => child.once("exit", () => resolve()));
    void this.exited.then(() => {
      this.over = true;
      this.wake();
    });
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line);
        this.wake();
      });
    }
  }

  static run(script: string, ...args: string[]): Child {
    const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", path, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    return new Child(child);
  }

  /** What follows the word on the first line that begins with it. */
  async says(word: string): Promise<string> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const line = this.lines.find((text) => text.startsWith(word));
      if (line !== undefined) return line.slice(word.length).trim();
      if (this.over || Date.now() > deadline) {
        throw new Error(`the child never said "${word}":\n${this.lines.join("\n")}`);
      }
      await this.nextEvent(deadline);
    }
  }

  /** Every line so far that begins with the word, without it. */
  saidSoFar(word: string): string[] {
    return this.lines
      .filter((line) => line.startsWith(word))
      .map((line) => line.slice(word.length).trim());
  }

  tell(line: string): void {
    this.child.stdin!.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  private nextEvent(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, deadline - Date.now()));
      this.waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** A data folder for one test, and its removal. */
export async function newDataDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "facet-embedded-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Resolves when the check gives something other than undefined or false; rejects after the deadline. */
export async function until<T>(
  check: () => Promise<T | undefined | false>,
  deadlineMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("not in time", { cause: last });
}
