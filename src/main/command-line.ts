import { parseArgs } from "node:util";
import type { ProcessRole } from "./app.ts";

/** What `npm start -- …` was asked for. */
export interface StartOptions {
  readonly role: ProcessRole;
  /** Processes of this role; more than one share the port. */
  readonly processes: number;
}

/** The command line cannot be understood. */
export class InvalidCommandLine extends Error {}

const ROLES = ["api", "worker", "all"] as const;
const MAX_PROCESSES = 64;

/** Reads `--role api|worker|all` and `--workers n`. @throws InvalidCommandLine */
export function readStartOptions(args: readonly string[]): StartOptions {
  let values: { role?: string; workers?: string };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { role: { type: "string" }, workers: { type: "string" } },
    }));
  } catch (error) {
    throw new InvalidCommandLine(error instanceof Error ? error.message : String(error));
  }
  const role = ROLES.find((known) => known === (values.role ?? "all"));
  if (!role) throw new InvalidCommandLine(`--role is one of ${ROLES.join(", ")}.`);
  const processes = Number(values.workers ?? 1);
  if (!Number.isInteger(processes) || processes < 1 || processes > MAX_PROCESSES) {
    throw new InvalidCommandLine(`--workers is a whole number from 1 to ${MAX_PROCESSES}.`);
  }
  return { role, processes };
}
