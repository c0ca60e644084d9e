import { randomUUID } from "node:crypto";
import { Caller, type Answer } from "../support/caller.ts";
import { isReady, sleep } from "../../tests/support/server-process.ts";
import { type ChaosStage, type Finding } from "../support/chaos-stage.ts";
import { percentile } from "../support/figures.ts";
import { Mover } from "../support/mover.ts";
import { signIn } from "../support/people.ts";
import { ANALYZE, upload } from "../support/selfies.ts";
import { Subscriber } from "./subscriber.ts";

const SECONDS = Number(process.env["SECONDS"] ?? 30);
const LOGIN = `mutation Login($input: LoginWithPasswordInput!) {
  loginWithPassword(input: $input) { problems { code } } }`;
const READ = `query Read($id: ID!) { viewer { id } products(first: 5) { nodes { id } }
  skinAnalysis(id: $id) { id status result { analysisVersion } } }`;

/** People who work on, and what became of their requests. */
class Load {
  readonly latenciesMs: number[] = [];
  readonly faults = new Map<string, number>();
  readonly acknowledged: string[] = [];
  answered = 0;
  serverErrors = 0;
  unanswered = 0;
  lastAnswerMs = 0;
  private ended = false;
  private clients: Promise<void>[] = [];

  constructor(
    url: string,
    tokens: readonly string[],
    private readonly step: (caller: Caller, load: Load) => Promise<Answer>,
  ) {
    this.clients = tokens.map((token) => this.run(new Caller(url, token)));
  }

  async stop(): Promise<void> {
    this.ended = true;
    await Promise.all(this.clients);
  }

  get faultText(): string {
    return [...this.faults].map(([fault, times]) => `${times} × ${fault}`).join(", ") || "none";
  }

  private async run(caller: Caller): Promise<void> {
    while (!this.ended) {
      try {
        this.note(await this.step(caller, this));
      } catch (error) {
        this.unanswered += 1;
        this.count(String((error as { code?: string }).code ?? error));
      }
      await sleep(Math.random() * 100);
    }
    caller.close();
  }

  private note(answer: Answer): void {
    this.answered += 1;
    this.latenciesMs.push(answer.ms);
    if (answer.status >= 500) this.serverErrors += 1;
    for (const error of answer.errors) this.count(String(error.extensions?.code));
    if (answer.errors.length === 0) this.lastAnswerMs = performance.now();
  }

  private count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }
}

/** Counts the quota, stores and queues; remembers what was acknowledged. */
async function analyze(caller: Caller, load: Load): Promise<Answer> {
  const answer = await caller.call(ANALYZE, { input: { uploadId: await upload(caller) } });
  const id = answer.data?.analyzeSkin?.skinAnalysis?.id as string | undefined;
  if (id !== undefined) load.acknowledged.push(id);
  return answer;
}

async function missing(stage: ChaosStage, ids: readonly string[]): Promise<number> {
  const { rows } = await stage.pool.query<{ count: number }>(
    "select count(*)::int as count from ai_jobs where id = any($1)",
    [ids],
  );
  return ids.length - (rows[0]?.count ?? 0);
}

/** Redis killed, then frozen. */
export async function redis(stage: ChaosStage): Promise<Finding[]> {
  const away = () => stage.redis.down();
  const back = () => stage.redis.up();
  const freeze = () => Promise.resolve(stage.redis.freeze());
  const thaw = () => Promise.resolve(stage.redis.thaw());
  return [
    ...(await withoutRedis(stage, "Redis killed", away, back)),
    ...(await withoutRedis(stage, "Redis frozen", freeze, thaw)),
  ];
}

async function withoutRedis(
  stage: ChaosStage,
  name: string,
  away: () => Promise<void>,
  back: () => Promise<void>,
): Promise<Finding[]> {
  const server = await stage.start(["--role", "api"], { LOGIN_ATTEMPTS_PER_ACCOUNT: "5" });
  const people = await Promise.all(Array.from({ length: 8 }, () => signIn(server.url)));
  const watcher = people[0]!;
  const mover = await Mover.open(stage, watcher.userId);
  const [early = "", late = ""] = await mover.createJobs(2);
  const subscribers = [early, late].map((id) =>
    new Subscriber(server.url, watcher.accessToken, watcher.userId).watchJob(id),
  );
  await Promise.all(subscribers.map((subscriber) => subscriber.reached(1, 5_000)));
  const email = `${randomUUID()}@example.com`;
  const stranger = new Caller(server.url, null);
  const tries = async (times: number) => {
    let admitted = 0;
    for (let attempt = 0; attempt < times; attempt += 1) {
      const input = { identifier: email, password: "wrong password 1" };
      const { data } = await stranger.call(LOGIN, { input });
      if (data?.loginWithPassword?.problems[0]?.code === "INVALID_CREDENTIALS") admitted += 1;
    }
    return admitted;
  };
  let admitted = await tries(3);
  const load = new Load(
    server.url,
    people.map(({ accessToken }) => accessToken),
    analyze,
  );
  await away();
  await sleep(SECONDS * 200);
  await mover.move(early, () => undefined);
  admitted += await tries(10);
  await sleep(SECONDS * 800);
  const inTime = subscribers[0]!.seen.at(-1)?.value === 2;
  await mover.move(late, () => undefined);
  const backMs = performance.now();
  await back();
  await subscribers[1]!.reached(2, 10_000);
  const caughtUpMs = subscribers[1]!.seen.at(-1)!.atMs - backMs;
  admitted += await tries(5);
  await load.stop();
  const lost = await missing(stage, load.acknowledged);
  for (const subscriber of subscribers) subscriber.close();
  await mover.close();
  const p95 = percentile(load.latenciesMs, 0.95);
  const alive = await isReady(server.url);
  const unhandled = server.unhandled();
  await server.kill();
  return [
    {
      promise: `${name} for ${SECONDS} s: requests`,
      figure: "no 5xx, no loss, p95 < 1 s",
      measured: `${load.answered} answered, ${load.serverErrors} 5xx, ${load.unanswered} unanswered, faults: ${load.faultText}, ${lost} of ${load.acknowledged.length} lost, p95 ${Math.round(p95)} ms, unhandled ${unhandled}`,
      ok:
        load.serverErrors + load.unanswered + load.faults.size + lost + unhandled === 0 &&
        p95 < 1_000 &&
        alive,
    },
    {
      promise: `${name}: subscriptions`,
      figure: "go on meanwhile, caught up ≤ 2 s after the return",
      measured: `meanwhile: ${inTime}, caught up after ${Math.round(caughtUpMs)} ms`,
      ok: inTime && caughtUpMs <= 2_000,
    },
    {
      promise: `${name}: 18 wrong passwords before, during and after`,
      figure: "5 are looked at",
      measured: `${admitted} looked at`,
      ok: admitted === 5,
    },
  ];
}

/** PostgreSQL: every connection cut, then the server killed, twice. */
export async function postgres(stage: ChaosStage): Promise<Finding[]> {
  const api = await stage.start(["--role", "api"]);
  const worker = await stage.start(["--role", "worker"], { ORBO_MODE: "local" });
  const people = await Promise.all(Array.from({ length: 6 }, () => signIn(api.url)));
  const load = new Load(
    api.url,
    people.map(({ accessToken }) => accessToken),
    analyze,
  );
  const backMs: number[] = [];
  const workerBackMs: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await sleep(4_000);
    if (round === 0) await cutAll(stage);
    else stage.killPostgres();
    await stage.postgresIsUp();
    const upMs = performance.now();
    const { rows } = await stage.pool.query<{ now: Date }>("select now()");
    while (load.lastAnswerMs < upMs) await sleep(5);
    backMs.push(load.lastAnswerMs - upMs);
    await untilTrue(async () => (await startedSince(stage, rows[0]!.now)) > 0);
    workerBackMs.push(performance.now() - upMs);
  }
  await sleep(1_000);
  await load.stop();
  const lost = await missing(stage, load.acknowledged);
  await stage.pool.query(
    "update ai_jobs set status = 'CANCELED', finished_at = now() where status = 'QUEUED'",
  );
  await untilTrue(async () => (await unfinished(stage)) === 0);
  const { rows } = await stage.pool.query<{ status: string; code: string; count: number }>(
    "select status, failure_code as code, count(*)::int as count from ai_jobs where status <> 'CANCELED' group by 1, 2",
  );
  const alive = api.child.exitCode === null && worker.child.exitCode === null;
  const ends = rows.map(({ status, code, count }) => `${count} ${code ?? status}`).join(", ");
  return [
    {
      promise: "PostgreSQL: all connections cut, then killed twice, under load",
      figure: "acknowledged = stored, no process exit",
      measured: `${load.acknowledged.length} acknowledged, ${lost} lost, alive: ${alive}, unhandled ${api.unhandled() + worker.unhandled()}, refused meanwhile: ${load.faultText}`,
      ok:
        lost === 0 &&
        alive &&
        load.acknowledged.length > 0 &&
        api.unhandled() + worker.unhandled() === 0,
    },
    {
      promise: "service after PostgreSQL accepts again",
      figure: "≤ 2 s; the worker by itself",
      measured: `api ${backMs.map(Math.round).join(", ")} ms; worker takes jobs after ${workerBackMs.map(Math.round).join(", ")} ms`,
      ok: Math.max(...backMs) <= 2_000,
    },
    {
      promise: "jobs that ran meanwhile",
      figure: "end SUCCEEDED",
      measured: ends,
      ok: rows.every(({ status }) => status === "SUCCEEDED"),
    },
  ];
}

async function cutAll(stage: ChaosStage): Promise<void> {
  await stage.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
}

async function startedSince(stage: ChaosStage, since: Date): Promise<number> {
  const { rows } = await stage.pool.query<{ count: number }>(
    "select count(*)::int as count from ai_jobs where heartbeat_at > $1 and worker_id in (select id from job_workers)",
    [since],
  );
  return rows[0]?.count ?? 0;
}

async function unfinished(stage: ChaosStage): Promise<number> {
  const { rows } = await stage.pool.query<{ count: number }>(
    "select count(*)::int as count from ai_jobs where finished_at is null and worker_id is distinct from 'bench'",
  );
  return rows[0]?.count ?? 0;
}

async function untilTrue(holds: () => Promise<boolean>, deadlineMs = 120_000): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > endMs) throw new Error("waited in vain");
    await sleep(20);
  }
}

/** MongoDB behind a gate that is shut. */
export async function mongo(stage: ChaosStage): Promise<Finding[]> {
  const server = await stage.start(["--role", "all"], { JOB_DEADLINE_SECONDS: "120" });
  const people = await Promise.all(Array.from({ length: 4 }, () => signIn(server.url)));
  const caller = new Caller(server.url, people[0]!.accessToken);
  const start = async () =>
    (await caller.call(ANALYZE, { input: { uploadId: await upload(caller) } })).data.analyzeSkin
      .skinAnalysis.id as string;
  const done = await start();
  await untilTrue(async () => (await unfinished(stage)) === 0);
  const running = await start();
  stage.mongoGate.shut();
  const later = await start();
  const load = new Load(
    server.url,
    people.map(({ accessToken }) => accessToken),
    (client) =>
      client.call("{ viewer { id } products(first: 20) { nodes { id categories { id } } } }"),
  );
  await sleep(SECONDS * 500);
  const read = await caller.call(READ, { id: done });
  const readiness = (await (await fetch(`${server.url}/readyz`)).json()) as { status: string };
  await sleep(SECONDS * 500);
  await load.stop();
  stage.mongoGate.reopen();
  const openMs = performance.now();
  await untilTrue(async () => (await unfinished(stage)) === 0);
  const settledMs = performance.now() - openMs;
  const { rows } = await stage.pool.query<{ id: string; status: string; code: string | null }>(
    "select id, status, failure_code as code from ai_jobs where id = any($1)",
    [[running, later]],
  );
  const partial = read.data?.skinAnalysis;
  const after = await caller.call(READ, { id: later });
  return [
    {
      promise: `MongoDB gone for ${SECONDS} s: everything else`,
      figure: "unaffected",
      measured: `${load.answered} answered, faults: ${load.faultText}, p95 ${Math.round(percentile(load.latenciesMs, 0.95))} ms`,
      ok: load.faults.size === 0 && load.unanswered === 0 && load.answered > 0,
    },
    {
      promise: "fields from it, readiness",
      figure: "null with errors; degraded",
      measured: `status ${read.status}, ${partial?.status}, result ${String(partial?.result)}, errors ${read.errors.map((error) => error.extensions?.code).join(" ")} after ${Math.round(read.ms)} ms; ${readiness.status}`,
      ok:
        read.status === 200 &&
        partial?.id === done &&
        partial.result === null &&
        read.errors.length > 0 &&
        readiness.status === "degraded",
    },
    {
      promise: "analyses that ran or started meanwhile",
      figure: "wait and succeed",
      measured: `${rows.map(({ status, code }) => code ?? status).join(", ")} ${Math.round(settledMs / 100) / 10} s after the return; its result: ${String(after.data?.skinAnalysis?.result?.analysisVersion)}; unhandled ${server.unhandled()}`,
      ok: rows.every(({ status }) => status === "SUCCEEDED") && server.unhandled() === 0,
    },
  ];
}
