import { randomUUID } from "node:crypto";
import { crashCourse } from "../../tests/support/crash-course.ts";
import { Caller, type Answer } from "../support/caller.ts";
import { sleep, type Server } from "../../tests/support/server-process.ts";
import { type ChaosStage, type Finding } from "../support/chaos-stage.ts";
import { signIn } from "../support/people.ts";
import { ANALYZE, upload } from "../support/selfies.ts";

const count = (name: string, fallback: number) => Number(process.env[name] ?? fallback);

/** Workers killed at work. */
export async function crash(): Promise<Finding[]> {
  const [jobs, kills] = [count("JOBS", 500), count("KILLS", 50)];
  const killed = await crashCourse({ jobs, kills, workers: 3, workMs: 800 });
  const stopped = await crashCourse({
    jobs: 12,
    kills: 1,
    workers: 2,
    workMs: 1_500,
    signal: "SIGSTOP",
  });
  return [
    {
      promise: `${kills} × kill -9 of a worker during ${jobs} jobs`,
      figure: `${jobs} succeeded, 0 lost, 0 stored twice, 0 bought twice`,
      measured: `${killed.succeeded} succeeded, ${killed.trophies} stored, ${killed.paidTwice} bought twice ${killed.failures.join(", ")}`,
      ok: killed.succeeded === jobs && killed.trophies === jobs && killed.paidTwice === 0,
    },
    {
      promise: "an interrupted job runs again",
      figure: "p95 < 2 s",
      measured: `${killed.interrupted} interrupted, p50 ${killed.takeoverMs.p50} ms, p95 ${killed.takeoverMs.p95} ms, max ${killed.takeoverMs.max} ms`,
      ok: killed.interrupted > 0 && killed.takeoverMs.p95 < 2_000,
    },
    {
      promise: "a worker that is stopped, as behind a broken network",
      figure: "its jobs run again in < 30 s",
      measured: `${stopped.succeeded}/12 succeeded, max ${(stopped.takeoverMs.max / 1000).toFixed(1)} s`,
      ok: stopped.succeeded === 12 && stopped.interrupted > 0 && stopped.takeoverMs.max < 30_000,
    },
  ];
}

/** Api processes killed between the count of the quota and the answer. */
export async function enqueue(stage: ChaosStage): Promise<Finding[]> {
  const kills = count("KILLS", 100);
  let server: Server = await stage.start(["--role", "api"]);
  let ended = false;
  let acknowledged = 0;
  let unanswered = 0;
  const clients = Array.from({ length: 8 }, async () => {
    while (!ended) {
      // Each kill may leave an unused upload behind, of which a person may have twenty.
      const caller = await signIn(server.url).then(
        ({ accessToken }) => new Caller(server.url, accessToken),
        () => null,
      );
      for (let analyses = 0; caller && analyses < 10 && !ended; analyses += 1) {
        caller.url = server.url;
        try {
          const uploadId = await upload(caller);
          const { data } = await caller.call(ANALYZE, { input: { uploadId } });
          if (data?.analyzeSkin?.skinAnalysis) acknowledged += 1;
        } catch {
          unanswered += 1;
          await sleep(20);
        }
      }
      caller?.close();
    }
  });
  for (let kill = 0; kill < kills; kill += 1) {
    const next = await stage.start(["--role", "api"]);
    const old = server;
    await sleep(Math.random() * 200);
    await old.kill("SIGKILL");
    server = next;
  }
  ended = true;
  await Promise.all(clients);
  const { rows } = await stage.pool.query<Record<"used" | "jobs" | "queued" | "unequal", number>>(
    `with per_user as (
       select c.user_id, c.used, (select count(*) from ai_jobs j where j.user_id = c.user_id) as jobs
       from usage_counters c)
     select coalesce(sum(used), 0)::int as used, (select count(*)::int from ai_jobs) as jobs,
       (select count(*)::int from graphile_worker._private_jobs where key like 'ana%') as queued,
       (count(*) filter (where used <> jobs))::int as unequal from per_user`,
  );
  const { used, jobs, queued, unequal } = rows[0]!;
  return [
    {
      promise: `${kills} × kill -9 of the api between count and answer`,
      figure: "quota counted = jobs = queue rows, always; acknowledged ≤ jobs",
      measured: `${used} counted, ${jobs} jobs, ${queued} queued, ${unequal} users differ, ${acknowledged} acknowledged, ${unanswered} unanswered`,
      ok: used === jobs && jobs === queued && unequal === 0 && acknowledged <= jobs && jobs > 0,
    },
  ];
}

/** The same key many times at once, on two processes, and after a restart. */
export async function idempotency(stage: ChaosStage): Promise<Finding[]> {
  const [keys, calls] = [count("KEYS", 100), count("CALLS", 20)];
  const servers = await Promise.all([1, 2].map(() => stage.start(["--role", "api"])));
  const { accessToken, userId } = await signIn(servers[0]!.url);
  const callers = Array.from(
    { length: calls },
    (_, index) => new Caller(servers[index % 2]!.url, accessToken),
  );
  const uploads: string[] = [];
  const send = (caller: Caller, key: number, notes: string): Promise<Answer> =>
    caller.call(ANALYZE, {
      input: { uploadId: uploads[key], idempotencyKey: `key-${key}`, notes },
    });
  const idOf = (answer: Answer) => answer.data?.analyzeSkin?.skinAnalysis?.id as string | undefined;
  let unequal = 0;
  const first: (string | undefined)[] = [];
  for (let key = 0; key < keys; key += 1) {
    uploads.push(await upload(callers[0]!));
    const ids = (await Promise.all(callers.map((caller) => send(caller, key, "same")))).map(idOf);
    first.push(ids[0]);
    if (ids[0] === undefined || new Set(ids).size !== 1) unequal += 1;
  }
  const mismatch = await send(callers[0]!, 0, "other");
  await Promise.all(servers.map((server) => server.kill("SIGKILL")));
  const restarted = await stage.start(["--role", "api"]);
  const later = new Caller(restarted.url, accessToken);
  let changed = 0;
  for (let key = 0; key < keys; key += 1) {
    if (idOf(await send(later, key, "same")) !== first[key]) changed += 1;
  }
  const effects = await jobsOf(stage, userId);
  return [
    {
      promise: `${keys} keys × ${calls} calls at once, two processes`,
      figure: `${keys} effects, equal answers`,
      measured: `${effects} effects, ${unequal} keys with unequal answers`,
      ok: effects === keys && unequal === 0,
    },
    {
      promise: "the same keys after kill -9 and restart; other input",
      figure: "the same answers; IDEMPOTENCY_MISMATCH",
      measured: `${changed} differ; ${String(mismatch.errors[0]?.extensions?.code)}`,
      ok: changed === 0 && mismatch.errors[0]?.extensions?.code === "IDEMPOTENCY_MISMATCH",
    },
    await quota(stage),
  ];
}

async function quota(stage: ChaosStage): Promise<Finding> {
  const limit = { SKIN_ANALYSES_PER_MONTH: "5" };
  const servers = await Promise.all([1, 2].map(() => stage.start(["--role", "api"], limit)));
  const { accessToken, userId } = await signIn(servers[0]!.url);
  const callers = Array.from(
    { length: 50 },
    (_, i) => new Caller(servers[i % 2]!.url, accessToken),
  );
  const uploads = await fiftyUploads(stage, servers[0]!.url, userId);
  const answers = await Promise.all(
    callers.map((caller, i) =>
      caller.call(ANALYZE, { input: { uploadId: uploads[i], idempotencyKey: randomUUID() } }),
    ),
  );
  const started = answers.filter(({ data }) => data?.analyzeSkin?.skinAnalysis).length;
  const refused = answers.filter(
    ({ data }) => data?.analyzeSkin?.problems?.[0]?.code === "QUOTA_EXCEEDED",
  ).length;
  const jobs = await jobsOf(stage, userId);
  await Promise.all(servers.map((server) => server.kill("SIGKILL")));
  return {
    promise: "a quota of 5 with 50 starts at once, two processes",
    figure: "5 started, 45 refused",
    measured: `${started} started, ${refused} refused, ${jobs} jobs`,
    ok: started === 5 && refused === 45 && jobs === 5,
  };
}

/** One person may have 20 unused uploads, so others send them first. */
async function fiftyUploads(stage: ChaosStage, url: string, userId: string): Promise<string[]> {
  const senders = await Promise.all(Array.from({ length: 50 }, () => signIn(url)));
  const uploads = await Promise.all(
    senders.map(({ accessToken }) => upload(new Caller(url, accessToken))),
  );
  await stage.pool.query("update uploads set user_id = $1 where id = any($2)", [userId, uploads]);
  return uploads;
}

async function jobsOf(stage: ChaosStage, userId: string): Promise<number> {
  const { rows } = await stage.pool.query<{ count: number }>(
    "select count(*)::int as count from ai_jobs where user_id = $1",
    [userId],
  );
  return rows[0]?.count ?? 0;
}
