import { randomBytes } from "node:crypto";
import { link, open, readFile, rm } from "node:fs/promises";

/**
 * The content of a file that is written once and never again: the first of several processes that
 * start together decides, all get the same. Readable by the owner only; never seen half-written.
 */
export async function writtenOnce(path: string, make: () => string): Promise<string> {
  const present = await readText(path);
  if (present !== undefined) return present;
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writePrivate(draft, make());
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, "utf8");
}

/** Writes a file that only its owner can read, and waits until the disk has it. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The text of a file, or undefined when there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A secret for a store that only this machine reaches: 32 random bytes. */
export const newSecret = (): string => randomBytes(32).toString("base64url");
