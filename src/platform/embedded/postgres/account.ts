import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** An account of the operating system. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How a program is started so that it runs as another account. */
export interface Launch {
  readonly command: string;
  readonly args: string[];
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

/** As the user that facet runs as, or as the account when there is one. */
export const plainLaunch = (
  account: Account | undefined,
  program: string,
  args: readonly string[],
): Launch => ({
  command: program,
  args: [...args],
  identity: account ? { uid: account.uid, gid: account.gid } : {},
});

/**
 * As the account, but free to pass folders that are closed to it, such as a project below /root. Only root
 * can do so, and only where the tool setpriv is installed.
 */
export const privilegedLaunch = (
  { uid, gid }: Account,
  program: string,
  args: readonly string[],
): Launch => ({
  command: "setpriv",
  args: [
    ...[`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"],
    // Without the last one access(2), by which PostgreSQL looks at its own programs, would ignore the capability.
    ...["--inh-caps=+dac_override", "--ambient-caps=+dac_override"],
    ...["--securebits=+no_setuid_fixup", "--", program, ...args],
  ],
  identity: {},
});

const PREFERRED = ["nobody", "daemon", "www-data"];

/**
 * The account that PostgreSQL runs as when facet runs as root, which PostgreSQL refuses to do;
 * undefined when facet is an ordinary user and PostgreSQL can simply be the same one.
 */
export async function accountForServer(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile("/etc/passwd", "utf8").catch(() => ""));
  const ordinary = accounts.filter((account) => account.uid > 0);
  const preferred = PREFERRED.map((name) => ordinary.find((account) => account.name === name));
  const chosen = preferred.find((account) => account !== undefined) ?? ordinary.at(-1);
  if (chosen) return chosen;
  throw new Error("PostgreSQL cannot run as root and /etc/passwd has no other user");
}

function parseAccounts(passwd: string): Account[] {
  return passwd.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = ""] = line.split(":");
    return /^\d+$/.test(uid) && /^\d+$/.test(gid)
      ? [{ name, uid: Number(uid), gid: Number(gid) }]
      : [];
  });
}

/** The outermost folder on the way to `path` that the account may not enter; undefined when the way is open. */
export async function closedFolder(path: string, account: Account): Promise<string | undefined> {
  const way: string[] = [];
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    way.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of way) {
    const { mode, uid, gid } = await stat(folder);
    const needed = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return folder;
  }
  return undefined;
}
