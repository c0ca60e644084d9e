import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { MongoFault } from "../fault.ts";
import { decodeRecords, encodeRecord, type Change } from "./log-record.ts";

const SYNC_EVERY_MS = 100;
const CHUNK_BYTES = 4 * 1024 * 1024;
const LEAST_LOG_BYTES = 4 * 1024 * 1024;
/** Reading this much takes about half a second. */
const NOTEWORTHY_BYTES = 16 * 1024 * 1024;

export interface JournalEvents {
  /** Called for each change on disk, in their order. */
  replay(change: Change): void;
  /** The changes that make the present state anew; read while later changes go on. */
  contents(): Iterable<Change>;
  /** So many bytes are being read, which takes a moment. */
  reading(bytes: number): void;
  /** An unfinished last write of so many bytes was dropped. */
  tornTail(bytes: number): void;
  /** The disk failed in the background; what is acknowledged is in the log, but perhaps not yet on the disk. */
  trouble(error: unknown): void;
}

interface Found {
  readonly generation: number;
  readonly size: number;
  readonly snapshotBytes: number;
}

/**
 * The durable form of the store: an append-only log of changes, and a snapshot that the log of the same
 * number continues. A change is handed to the operating system before it is acknowledged, so kill -9 loses
 * nothing; it reaches the disk within 100 ms (at once when asked), so a power cut may lose the last 100 ms.
 * A record that was cut off by the end of the process was never acknowledged and is dropped at the next start.
 */
export class Journal {
  private dirty = false;
  private broken = false;
  private syncing: Promise<void> | undefined;
  private compacting: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;

  private readonly folder: string;
  private readonly events: JournalEvents;
  private generation: number;
  private descriptor: number;
  /** Bytes of the logs that the snapshot does not hold. */
  private size: number;
  private snapshotBytes: number;

  private constructor(folder: string, found: Found, events: JournalEvents) {
    this.folder = folder;
    this.events = events;
    this.generation = found.generation;
    this.size = found.size;
    this.snapshotBytes = found.snapshotBytes;
    this.descriptor = openSync(logPath(folder, found.generation), "a", 0o600);
    this.timer = setInterval(() => this.syncSoon(), SYNC_EVERY_MS).unref();
  }

  /**
   * Replays what is on disk and opens the log for more.
   */
  static async open(folder: string, events: JournalEvents): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { snapshot, logs } = await listFiles(folder);
    let snapshotBytes = 0;
    if (snapshot > 0) {
      const path = snapshotPath(folder, snapshot);
      const { read, torn } = await replayFile(path, events);
      if (torn > 0) throw new Error(`the snapshot ${path} is damaged at byte ${read}`);
      snapshotBytes = read;
    }
    let size = 0;
    for (const log of logs) {
      const { read, torn } = await replayFile(logPath(folder, log), events);
      if (torn > 0) events.tornTail(torn);
      if (torn > 0) await truncate(logPath(folder, log), read);
      size += read;
    }
    const generation = logs.at(-1) ?? snapshot;
    const journal = new Journal(folder, { generation, size, snapshotBytes }, events);
    if (size > journal.limit / 4) journal.compactSoon();
    return journal;
  }

  /** Appends a change. Throws, with the log as it was before, when it cannot be written. */
  append(change: Change): void {
    if (this.broken) throw new MongoFault(1, "the log is broken, restart the store");
    const record = encodeRecord(change);
    let written = 0;
    try {
      while (written < record.length) written += writeSync(this.descriptor, record, written);
    } catch (cause) {
      if (written > 0) this.cutOff(written);
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new MongoFault(code === "ENOSPC" ? 14031 : 1, `the log cannot be written: ${message}`);
    }
    this.size += record.length;
    this.dirty = true;
    if (this.size > this.limit) this.compactSoon();
  }

  /** Waits until everything is on the disk itself. */
  sync(): void {
    fdatasyncSync(this.descriptor);
    this.dirty = false;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.compacting;
    await this.syncing;
    this.sync();
    closeSync(this.descriptor);
  }

  private get limit(): number {
    return Math.max(LEAST_LOG_BYTES, 2 * this.snapshotBytes);
  }

  /** After a record that went in only in part, nothing may follow it. */
  private cutOff(written: number): void {
    try {
      ftruncateSync(this.descriptor, fstatSync(this.descriptor).size - written);
    } catch {
      this.broken = true;
    }
  }

  private syncSoon(): void {
    if (!this.dirty || this.syncing) return;
    this.dirty = false;
    this.syncing = new Promise((resolve) => {
      fdatasync(this.descriptor, (error) => {
        if (error) this.events.trouble(error);
        this.syncing = undefined;
        resolve();
      });
    });
  }

  private compactSoon(): void {
    this.compacting ??= this.compact()
      .catch((error: unknown) => this.events.trouble(error))
      .finally(() => {
        this.compacting = undefined;
      });
  }

  /**
   * Begins a new log, writes a snapshot of the moment of its beginning beside the running work, and then
   * forgets the old files. Killed at any point, either the old files or the new ones are whole.
   */
  private async compact(): Promise<void> {
    await this.syncing;
    const next = this.generation + 1;
    const changes = this.events.contents();
    const descriptor = openSync(logPath(this.folder, next), "a", 0o600);
    this.sync();
    closeSync(this.descriptor);
    this.descriptor = descriptor;
    this.generation = next;
    this.size = 0;
    this.snapshotBytes = await writeSnapshot(this.folder, next, changes);
    await syncFolder(this.folder); // the new name must be on the disk before the old files go
    await forget(this.folder, next);
  }
}

const snapshotPath = (folder: string, generation: number) =>
  join(folder, `snapshot-${String(generation).padStart(8, "0")}.bson`);
const logPath = (folder: string, generation: number) =>
  join(folder, `log-${String(generation).padStart(8, "0")}.bson`);

async function listFiles(folder: string): Promise<{ snapshot: number; logs: number[] }> {
  const names = await readdir(folder);
  const numbers = (kind: string) =>
    names
      .flatMap((name) => new RegExp(`^${kind}-(\\d{8})\\.bson$`).exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  const snapshot = numbers("snapshot").at(-1) ?? 0;
  return { snapshot, logs: numbers("log").filter((log) => log >= snapshot) };
}

async function replayFile(
  path: string,
  events: JournalEvents,
): Promise<{ read: number; torn: number }> {
  const bytes = await readFile(path);
  if (bytes.length > NOTEWORTHY_BYTES) events.reading(bytes.length);
  let read = 0;
  while (read < bytes.length) {
    const { changes, end, damaged } = decodeRecords(bytes, read, CHUNK_BYTES);
    for (const change of changes) events.replay(change);
    read = end;
    if (damaged) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { read, torn: bytes.length - read };
}

/** Returns the size of the snapshot in bytes. */
async function writeSnapshot(
  folder: string,
  generation: number,
  changes: Iterable<Change>,
): Promise<number> {
  const draft = `${snapshotPath(folder, generation)}.draft`;
  const file = await open(draft, "w", 0o600);
  let size = 0;
  let chunk: Buffer[] = [];
  let pending = 0;
  try {
    for (const change of changes) {
      const record = encodeRecord(change);
      chunk.push(record);
      pending += record.length;
      if (pending < CHUNK_BYTES / 16) continue;
      await file.writeFile(Buffer.concat(chunk));
      size += pending;
      [chunk, pending] = [[], 0];
    }
    await file.writeFile(Buffer.concat(chunk));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, snapshotPath(folder, generation));
  return size + pending;
}

/** Some systems cannot sync a folder; there its entries are safe without. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function forget(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const generation = Number(/-(\d{8})\.bson/.exec(name)?.[1] ?? before);
    if (generation < before) await rm(join(folder, name), { force: true });
  }
}
