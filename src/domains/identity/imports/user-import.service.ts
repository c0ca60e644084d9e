import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import {
  IMPORT_COLUMNS,
  readImportRow,
  RowRefused,
  type ImportColumn,
  type ImportRecord,
} from "./import-row.ts";
import type { NewUser, UserImportRepository } from "./user-import.repository.ts";

/** What became of one row; `row` counts from 1 below the header. */
export interface ImportOutcome {
  readonly row: number;
  readonly outcome: "imported" | "exists" | "refused";
  /** Empty when it was imported. */
  readonly reason: string;
}

/** How many rows had each outcome so far. */
export type ImportSummary = Record<ImportOutcome["outcome"], number>;

export interface ImportOptions {
  /** Finds out what would happen and writes nothing. */
  readonly dryRun: boolean;
  /** Called after each batch was committed, with its outcomes in the order of the file. */
  readonly onBatch: (outcomes: readonly ImportOutcome[], summary: ImportSummary) => Promise<void>;
}

/** The file as a whole cannot be imported; nothing of it was. */
export class ImportUnusable extends Error {}

type Entry =
  | { readonly row: number; readonly user: NewUser }
  | { readonly row: number; readonly refused: string };

const BATCH = 500;
const SIGN_IN_COLUMNS = ["email", "phone", "google_subject"] as const;

/**
 * Adds the users of an older system, batch by batch. Each batch is one transaction, so that a run that was interrupted is
 * completed by running it again: who has an account is reported and stays unchanged.
 */
export class UserImportService {
  constructor(
    private readonly deps: {
      readonly uow: UnitOfWork;
      readonly imports: UserImportRepository;
      readonly ids: Ids;
      readonly clock: Clock;
    },
  ) {}

  /**
   * Reads the header, then all rows.
   * @throws ImportUnusable when the header is not understood.
   */
  async run(
    lines: AsyncIterable<readonly string[]>,
    { dryRun, onBatch }: ImportOptions,
  ): Promise<ImportSummary> {
    const summary = { imported: 0, exists: 0, refused: 0 };
    let columns: readonly ImportColumn[] | null = null;
    let row = 0;
    let batch: Entry[] = [];
    const keysOfBatch = new Set<string>();
    const seen = new Set<string>();
    const flush = async () => {
      const outcomes = await this.settle(batch, dryRun ? seen : null);
      for (const { outcome } of outcomes) summary[outcome] += 1;
      await onBatch(outcomes, summary);
      batch = [];
      keysOfBatch.clear();
    };
    for await (const line of lines) {
      if (columns === null) {
        columns = readHeader(line);
        continue;
      }
      const entry = this.entryOf((row += 1), columns, line);
      const keys = "user" in entry ? keysOf(entry.user) : [];
      // What becomes of the second of two alike depends on the first: that one has to be settled.
      if (batch.length >= BATCH || keys.some((key) => keysOfBatch.has(key))) await flush();
      batch.push(entry);
      for (const key of keys) keysOfBatch.add(key);
    }
    if (columns === null) throw new ImportUnusable("The file is empty.");
    await flush();
    return summary;
  }

  private entryOf(row: number, columns: readonly ImportColumn[], line: readonly string[]): Entry {
    if (line.length !== columns.length) {
      return { row, refused: `has ${line.length} columns, the header ${columns.length}` };
    }
    try {
      const read = readImportRow(recordOf(columns, line), this.deps.clock.now());
      return { row, user: { ...read, id: this.deps.ids.next("usr") } };
    } catch (error) {
      if (error instanceof RowRefused) return { row, refused: error.message };
      throw error;
    }
  }

  private async settle(batch: readonly Entry[], seen: Set<string> | null) {
    const users = batch.flatMap((entry) => ("user" in entry ? [entry.user] : []));
    const taken = users.length > 0 ? await this.deps.imports.taken(users) : new Map();
    const free = users.filter(({ id }) => !taken.has(id));
    const added = seen ? wouldBeAdded(free, seen) : await this.add(free);
    return batch.map((entry): ImportOutcome => {
      const { row } = entry;
      if ("refused" in entry) return { row, outcome: "refused", reason: entry.refused };
      if (added.has(entry.user.id)) return { row, outcome: "imported", reason: "" };
      const by = (taken.get(entry.user.id) as ImportColumn | undefined) ?? "email, phone or google";
      return { row, outcome: "exists", reason: `an account has this ${by}` };
    });
  }

  private async add(users: readonly NewUser[]): Promise<Set<string>> {
    if (users.length === 0) return new Set();
    return this.deps.uow.run(async (tx) => {
      const added = new Set(await this.deps.imports.add(tx, users));
      await this.linkGoogle(
        tx,
        users.filter(({ id, googleSubject }) => googleSubject !== null && added.has(id)),
        added,
      );
      return added;
    });
  }

  /** A user whose Google account was linked elsewhere in this moment is not added either: no row comes in by half. */
  private async linkGoogle(tx: Tx, users: readonly NewUser[], added: Set<string>): Promise<void> {
    if (users.length === 0) return;
    const linked = new Set(await this.deps.imports.link(tx, users));
    const lost = users.map(({ id }) => id).filter((id) => !linked.has(id));
    if (lost.length > 0) await this.deps.imports.takeBack(tx, lost);
    for (const id of lost) added.delete(id);
  }
}

function readHeader(line: readonly string[]): ImportColumn[] {
  const names = line.map((name) => name.trim().toLowerCase());
  const known = Object.keys(IMPORT_COLUMNS);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const list = unknown.map((name) => JSON.stringify(name.slice(0, 50))).join(", ");
    throw new ImportUnusable(`Unknown columns: ${list}. Known are: ${known.join(", ")}.`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ImportUnusable(`The column ${twice} is there twice.`);
  if (!SIGN_IN_COLUMNS.some((name) => names.includes(name))) {
    throw new ImportUnusable(`One of these columns is needed: ${SIGN_IN_COLUMNS.join(", ")}.`);
  }
  return names as ImportColumn[];
}

function recordOf(columns: readonly ImportColumn[], line: readonly string[]): ImportRecord {
  const empty = Object.keys(IMPORT_COLUMNS).map((name) => [name, ""]);
  const given = columns.map((name, index) => [name, (line[index] ?? "").trim()]);
  return Object.fromEntries([...empty, ...given]) as ImportRecord;
}

/** What no two users have in common. */
const keysOf = ({ email, phone, googleSubject }: NewUser): string[] => [
  ...(email === null ? [] : [`email ${email.toLowerCase()}`]),
  ...(phone === null ? [] : [`phone ${phone}`]),
  ...(googleSubject === null ? [] : [`google ${googleSubject}`]),
];

function wouldBeAdded(users: readonly NewUser[], seen: Set<string>): Set<string> {
  const added = new Set<string>();
  for (const user of users) {
    const keys = keysOf(user);
    if (keys.some((key) => seen.has(key))) continue;
    for (const key of keys) seen.add(key);
    added.add(user.id);
  }
  return added;
}
