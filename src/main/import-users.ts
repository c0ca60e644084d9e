import { createReadStream, createWriteStream } from "node:fs";
import { access, constants } from "node:fs/promises";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { CsvError, parse } from "csv-parse";
import {
  IMPORT_COLUMNS,
  ImportUnusable,
  type IdentityModule,
  type ImportOutcome,
  type ImportSummary,
} from "../domains/identity/index.ts";

const PROGRESS_MS = 1_000;
const MAX_LINE_BYTES = 64 * 1024;

/** How `import-users` is called, and what a file may hold. */
export const IMPORT_USERS_USAGE = `Usage: npm run cli -- import-users <file.csv> [--dry-run]
Adds users of older systems. The file is CSV in UTF-8 with a header; its columns, in any order:
${Object.entries(IMPORT_COLUMNS)
  .map(([name, text]) => `  ${name.padEnd(16)}${text}`)
  .join("\n")}
What became of each row stands in <file>.report.csv. Who has an account already stays unchanged: an import that was
interrupted is completed by running it again. --dry-run writes the report only.`;

/**
 * Imports a file and writes the report beside it. Resolves to the exit code: 1 when the file as a whole cannot be used,
 * rows that were refused are no failure.
 */
export async function importUsers(
  identity: Pick<IdentityModule, "importUsers">,
  args: readonly string[],
  tell: (text: string) => void,
): Promise<number> {
  const { path, dryRun } = readArguments(args);
  if (path === null) {
    tell(IMPORT_USERS_USAGE);
    return 1;
  }
  try {
    await access(path, constants.R_OK);
    const report = await openReport(reportPath(path));
    const progress = progressOf(tell);
    const summary = await identity.importUsers(linesOf(path), {
      dryRun,
      onBatch: async (outcomes, soFar) => {
        await report.add(outcomes);
        progress(soFar);
      },
    });
    await report.close();
    const done = dryRun ? "would be imported (nothing was written)" : "imported";
    tell(
      `${summary.imported} ${done}, ${summary.exists} exist already, ${summary.refused} refused. See ${reportPath(path)}`,
    );
    return 0;
  } catch (error) {
    if (!isAboutTheFile(error)) throw error;
    tell(`${path} cannot be imported: ${error.message}`);
    return 1;
  }
}

function readArguments(args: readonly string[]): { path: string | null; dryRun: boolean } {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { "dry-run": { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const path = positionals.length === 1 ? (positionals[0] ?? null) : null;
  return { path, dryRun: values["dry-run"] };
}

const reportPath = (path: string): string => `${path.replace(/\.csv$/i, "")}.report.csv`;

/** The lines of a CSV file as it is read: never more than a little of it is in memory. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  const file = createReadStream(path);
  const parser = parse({
    bom: true,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: MAX_LINE_BYTES,
  });
  file.on("error", (error) => parser.destroy(error));
  for await (const line of file.pipe(parser)) yield line as string[];
}

async function openReport(path: string) {
  const file = createWriteStream(path);
  await once(file, "open");
  file.write("row,outcome,reason\n");
  return {
    add: async (outcomes: readonly ImportOutcome[]): Promise<void> => {
      const lines = outcomes.map(
        ({ row, outcome, reason }) => `${row},${outcome},${cell(reason)}\n`,
      );
      if (!file.write(lines.join(""))) await once(file, "drain");
    },
    close: async (): Promise<void> => {
      file.end();
      await once(file, "finish");
    },
  };
}

const cell = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Says at most once a second how far it is. */
function progressOf(tell: (text: string) => void): (soFar: ImportSummary) => void {
  let lastMs = performance.now();
  return ({ imported, exists, refused }) => {
    if (performance.now() - lastMs < PROGRESS_MS) return;
    lastMs = performance.now();
    tell(
      `Rows: ${imported + exists + refused} (${imported} new, ${exists} exist, ${refused} refused)`,
    );
  };
}

function isAboutTheFile(error: unknown): error is Error {
  if (error instanceof ImportUnusable || error instanceof CsvError) return true;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  return ["ENOENT", "EACCES", "EISDIR", "EROFS", "ENOSPC"].includes(code);
}
