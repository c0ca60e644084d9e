/** `npm run bench:realtime`: how fast and how cheap changes reach watchers, beside polling once a second. */
import { signIn } from "./support/people.ts";
import { percentile, printTable, round } from "./support/figures.ts";
import { Mover } from "./support/mover.ts";
import { openStage, type ServerProcess, type Stage } from "./support/stage.ts";
import { pollers } from "./support/pollers.ts";
import { openWatchers } from "./support/watchers.ts";

const SUBSCRIBERS = Number(process.env["SUBSCRIBERS"] ?? 1_000);
const UPDATES_PER_SECOND = 200;
const SECONDS = Number(process.env["SECONDS"] ?? 15);
const SOCKETS = Number(process.env["SOCKETS"] ?? 10_000);

const ENVIRONMENT = {
  MAX_SOCKETS_PER_USER: "100000",
  COST_BUDGET_PER_MINUTE: "100000000",
  ACCESS_TOKEN_SECONDS: "3600",
};

async function latency(stage: Stage, server: ServerProcess): Promise<void> {
  const person = await signIn(server.url);
  const mover = await Mover.open(stage, person.userId);
  const jobIds = await mover.createJobs(SUBSCRIBERS);
  const committed = new Map<string, number>();
  const samples: number[] = [];
  const watchers = await openWatchers({
    url: server.url,
    accessToken: person.accessToken,
    jobIds,
    onFrame: (index, version, atMs) => {
      const commitMs = committed.get(`${jobIds[index]}:${version}`);
      if (commitMs !== undefined) samples.push(atMs - commitMs);
    },
  });
  const before = await server.usage();
  const updates = UPDATES_PER_SECOND * SECONDS;
  const startMs = performance.now();
  const pending: Promise<void>[] = [];
  for (let index = 0; index < updates; index += 1) {
    const dueMs = startMs + (index * 1000) / UPDATES_PER_SECOND;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    pending.push(
      mover.move(jobIds[index % jobIds.length]!, (key, atMs) => committed.set(key, atMs)),
    );
  }
  await Promise.all(pending);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = await server.usage();
  for (const watcher of watchers) watcher.close();
  await mover.close();
  printTable(
    `Commit → frame, ${SUBSCRIBERS} subscribers, ${UPDATES_PER_SECOND} updates/s, ${SECONDS} s`,
    [
      ["frames", "p50 ms", "p95 ms", "p99 ms", "max ms", "server CPU µs/event"],
      [
        `${samples.length}/${updates}`,
        round(percentile(samples, 0.5), 2),
        round(percentile(samples, 0.95), 2),
        round(percentile(samples, 0.99), 2),
        round(Math.max(...samples), 2),
        Math.round(((after.cpuSeconds - before.cpuSeconds) / updates) * 1e6),
      ],
    ],
  );
}

async function scale(stage: Stage, server: ServerProcess): Promise<void> {
  const person = await signIn(server.url);
  const mover = await Mover.open(stage, person.userId);
  const jobIds = await mover.createJobs(SOCKETS);
  const seen = new Map<number, number>();
  let waitingFor = 0;
  let arrived: () => void = () => {};
  const before = await server.usage();
  const connectMs = performance.now();
  const watchers = await openWatchers({
    url: server.url,
    accessToken: person.accessToken,
    jobIds,
    onFrame: (index, version) => {
      seen.set(index, version);
      if (waitingFor > 0 && version >= 2 && --waitingFor === 0) arrived();
    },
  });
  const connectedMs = performance.now() - connectMs;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const open = await server.usage();
  waitingFor = jobIds.length;
  const all = new Promise<void>((resolve) => (arrived = resolve));
  const cpuBefore = await server.usage();
  const startMs = performance.now();
  await mover.moveAll(jobIds);
  await all;
  const fanOutMs = performance.now() - startMs;
  const cpuAfter = await server.usage();
  for (const watcher of watchers) watcher.close();
  await mover.close();
  const perSocket = (open.residentBytes - before.residentBytes) / jobIds.length;
  printTable(`${SOCKETS} sockets, each watching a job, one process`, [
    ["connect s", "memory kB/socket", "one event to all ms", "server CPU s for it"],
    [
      round(connectedMs / 1000),
      round(perSocket / 1024),
      Math.round(fanOutMs),
      round(cpuAfter.cpuSeconds - cpuBefore.cpuSeconds, 2),
    ],
  ]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await polling(server, person.accessToken, jobIds);
}

/** The same clients asking once a second instead. */
async function polling(
  server: ServerProcess,
  accessToken: string,
  jobIds: readonly string[],
): Promise<void> {
  const before = await server.usage();
  const result = await pollers({ url: server.url, accessToken, jobIds, seconds: 5 });
  const after = await server.usage();
  printTable(`The same ${SOCKETS} clients polling once a second, 5 s`, [
    ["wanted req/s", "answered req/s", "p50 ms", "p99 ms", "server CPU s per s"],
    [
      jobIds.length,
      Math.round(result.answered / 5),
      Math.round(percentile(result.latenciesMs, 0.5)),
      Math.round(percentile(result.latenciesMs, 0.99)),
      round((after.cpuSeconds - before.cpuSeconds) / result.seconds, 2),
    ],
  ]);
}

const stage = await openStage();
try {
  await latency(stage, await stage.startProcess("api", ENVIRONMENT));
  await scale(stage, await stage.startProcess("api", ENVIRONMENT));
} finally {
  await stage.close();
}
process.exit(0);
