import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, chmod, chown, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { commandOf } from "../process-facts.ts";
import { newSecret, writePrivate, writtenOnce } from "../private-file.ts";
import {
  accountForServer,
  closedFolder,
  plainLaunch,
  privilegedLaunch,
  type Account,
  type Launch,
} from "./account.ts";
import { findBinaries, type Binaries } from "./binaries.ts";

const run = promisify(execFile);

export const SUPERUSER = "facet";

/** A PostgreSQL data folder, with all that is needed to start a server on it. */
export interface Cluster {
  /** The folder around the data folder: secret, port and server log. */
  readonly home: string;
  readonly folder: string;
  readonly password: string;
  readonly binaries: Binaries;
  /** Set when the server cannot run as the user that facet runs as. */
  readonly account: Account | undefined;
  /** How to start a program of PostgreSQL. */
  launch(program: string, args: readonly string[]): Launch;
}

/** Finds the cluster below `home`, or where it will be. Creates nothing but the folder and the secret. */
export async function locateCluster(home: string): Promise<Cluster> {
  await mkdir(home, { recursive: true });
  const [binaries, account] = await Promise.all([findBinaries(), accountForServer()]);
  const passes = account ? await needsHelp(home, binaries, account) : false;
  const password = await writtenOnce(join(home, "secret"), newSecret);
  return {
    ...{ home, folder: join(home, "cluster"), password, binaries, account },
    launch: (program, args) =>
      account && passes
        ? privilegedLaunch(account, program, args)
        : plainLaunch(account, program, args),
  };
}

/**
 * Makes the cluster unless it is there. Several processes may do so at once and each may be killed
 * at any moment: the work is done in a folder of its own, and the first rename wins.
 */
export async function ensureCluster(cluster: Cluster, onProgress: () => void): Promise<void> {
  if (await isThere(cluster.folder)) return;
  onProgress();
  await removeAbandonedDrafts(cluster.home);
  const draft = join(cluster.home, `draft-${process.pid}-${randomBytes(4).toString("hex")}`);
  await mkdir(draft, { mode: 0o700 });
  try {
    await own(draft, cluster.account);
    await initialise(cluster, draft);
    await rename(join(draft, "cluster"), cluster.folder);
  } catch (error) {
    if (!(await isThere(cluster.folder))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function initialise(cluster: Cluster, draft: string): Promise<void> {
  const { binaries, account, password } = cluster;
  const passwordFile = join(draft, "password");
  await writePrivate(passwordFile, password);
  await own(passwordFile, account);
  const flags = [
    `--pgdata=${join(draft, "cluster")}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-sync",
  ];
  const { command, args, identity } = cluster.launch(binaries.initdb, flags);
  try {
    await run(command, args, { cwd: draft, env: SERVER_ENVIRONMENT, ...identity });
  } catch (cause) {
    const output = (cause as { stderr?: string }).stderr ?? "";
    throw new Error(`initdb failed: ${output.trim()}`, { cause });
  }
}

/** A fixed environment: PG* variables of the caller must not redirect the server. */
export const SERVER_ENVIRONMENT = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C", TZ: "UTC" };

async function own(path: string, account: Account | undefined): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}

/** A draft carries the process id of its maker; when that process is gone, nobody will finish it. */
async function removeAbandonedDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const maker = /^draft-(\d+)-/.exec(name)?.[1];
    if (maker === undefined || Number(maker) === process.pid) continue;
    const draft = join(home, name);
    const madeAt = (await stat(draft).catch(() => undefined))?.mtimeMs ?? 0;
    const old = Date.now() - madeAt > 600_000;
    if (old || (await commandOf(Number(maker))) === undefined) {
      // Its initdb may still be writing for a moment.
      await rm(draft, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    }
  }
}

/** Whether the account cannot reach the cluster or the programs by itself; throws when nothing helps. */
async function needsHelp(home: string, binaries: Binaries, account: Account): Promise<boolean> {
  await letEnter(dirname(home));
  await letEnter(home);
  const closed =
    (await closedFolder(home, account)) ?? (await closedFolder(binaries.postgres, account));
  if (closed === undefined) return false;
  const { command, args } = privilegedLaunch(account, binaries.initdb, ["--version"]);
  try {
    await run(command, args, { cwd: "/", env: SERVER_ENVIRONMENT });
    return true;
  } catch (cause) {
    throw new Error(
      `PostgreSQL refuses to run as root, and the user ${account.name} cannot enter ${closed}: ` +
        `run "chmod o+x ${closed}", or start facet as an ordinary user, or move it, or set DATABASE_URL`,
      { cause },
    );
  }
}

/** The data folder is facet's own, so it may be opened for passing through (not for listing). */
async function letEnter(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o011) !== 0o011) await chmod(folder, (mode & 0o777) | 0o011);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
