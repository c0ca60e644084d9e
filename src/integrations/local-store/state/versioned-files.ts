import { randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

const VERSION = /^\d{6}\.json$/;

/**
 * Objects as JSON files that several processes change at once without locks: each version of an object is a file of its
 * own, and of two processes that write the same next version one wins. A version is whole or not there, whenever a
 * process dies. Old versions stay: they show how an object came to be what it is.
 */
export class VersionedFiles<T> {
  constructor(
    private readonly dir: string,
    private readonly parse: (json: unknown) => T,
  ) {}

  /** The ids of all objects. */
  ids(): Promise<string[]> {
    return namesIn(this.dir);
  }

  /** The newest version of an object, null when there is none. */
  async newest(id: string): Promise<{ readonly number: number; readonly value: T } | null> {
    const number = (await this.numbersOf(id)).at(-1);
    return number === undefined ? null : { number, value: await this.read(id, number) };
  }

  /** All versions of an object, the oldest first. */
  async history(id: string): Promise<T[]> {
    const numbers = await this.numbersOf(id);
    return Promise.all(numbers.map((number) => this.read(id, number)));
  }

  /** Writes a version. @returns false when there is one of that number already, and nothing was written */
  async write(id: string, number: number, value: T): Promise<boolean> {
    const dir = join(this.dir, id);
    await mkdir(dir, { recursive: true });
    const draft = join(dir, `${randomBytes(8).toString("hex")}.partial`);
    await writeDurably(draft, JSON.stringify(value, null, 1));
    try {
      await link(draft, join(dir, nameOf(number)));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  private async numbersOf(id: string): Promise<number[]> {
    const names = await namesIn(join(this.dir, id));
    return names.filter((name) => VERSION.test(name)).map((name) => Number.parseInt(name, 10));
  }

  private async read(id: string, number: number): Promise<T> {
    return this.parse(JSON.parse(await readFile(join(this.dir, id, nameOf(number)), "utf8")));
  }
}

/** Writes a file that its owner alone can read, and waits until the disk has it. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What lies in a folder, sorted by name; nothing when there is no folder. */
export async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

const nameOf = (number: number): string => `${String(number).padStart(6, "0")}.json`;
