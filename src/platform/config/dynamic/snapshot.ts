import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The last good document on disk. Several processes may share it. */
export class Snapshot {
  constructor(private readonly path: string) {}

  /** The text that was kept last, or null when there is none. @throws when it cannot be read */
  read(): string | null {
    try {
      return readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** Replaces the text as a whole: a reader sees the old one or the new one, never a part. */
  write(text: string): void {
    const draft = `${this.path}.${process.pid}.${randomBytes(4).toString("hex")}`;
    mkdirSync(dirname(this.path), { recursive: true });
    try {
      writeFileSync(draft, text, { mode: 0o600, flush: true });
      renameSync(draft, this.path);
    } finally {
      rmSync(draft, { force: true });
    }
  }
}
