import { percentile } from "../support/figures.ts";
import { Mover } from "../support/mover.ts";
import { Caller } from "../support/caller.ts";
import { sleep } from "../../tests/support/server-process.ts";
import { type ChaosStage, type Finding } from "../support/chaos-stage.ts";
import { signIn } from "../support/people.ts";
import { Subscriber } from "./subscriber.ts";

const ignore = () => undefined;

/** A subscriber that is dropped again and again while Redis fails. */
export async function gapless(stage: ChaosStage): Promise<Finding[]> {
  const server = await stage.start(["--role", "api"]);
  const { userId, accessToken } = await signIn(server.url);
  const mover = await Mover.open(stage, userId);
  const [jobId = ""] = await mover.createJobs(1);
  const subscriber = new Subscriber(server.url, accessToken, userId).watchJob(jobId);
  const updates = 1_000;
  const drops = new Set(Array.from({ length: 200 }, (_, index) => index * 5 + 2));
  for (let update = 0; update < updates; update += 1) {
    await mover.move(jobId, ignore);
    if (drops.has(update)) subscriber.drop();
    if (update % 16 === 8) void stage.redis.cutClients(update % 32 === 8 ? "pubsub" : "normal");
    if (update === 500)
      void stage.redis
        .down()
        .then(() => sleep(3_000))
        .then(() => stage.redis.up());
    await sleep(30 + Math.random() * 60);
  }
  const movedMs = performance.now();
  await subscriber.reached(updates + 1, 10_000);
  const lateMs = subscriber.seen.at(-1)!.atMs - movedMs;
  subscriber.close();
  await mover.close();
  return [
    {
      promise: "200 drops in 1,000 updates, 62 cuts of Redis connections, 3 s without Redis",
      figure: "final state within 1 s, versions strictly rising",
      measured: `final after ${Math.round(lateMs)} ms, ${subscriber.seen.length} states seen, rising: ${subscriber.rising}, ${subscriber.awayMs.length} reconnections`,
      ok: lateMs < 1_000 && subscriber.rising && subscriber.awayMs.length > 150,
    },
  ];
}

/** The feed, resumed after each lost socket. */
export async function feed(stage: ChaosStage): Promise<Finding[]> {
  const server = await stage.start(["--role", "api"]);
  const { userId, accessToken } = await signIn(server.url);
  const mover = await Mover.open(stage, userId);
  const jobIds = await mover.createJobs(8);
  const subscriber = new Subscriber(server.url, accessToken, userId).followFeed(0);
  const events = 3_000;
  let done = 0;
  await Promise.all(
    jobIds.map(async (jobId) => {
      while (done < events) {
        done += 1;
        if (done % 50 === 25) subscriber.drop();
        await mover.move(jobId, ignore);
        await sleep(30 + Math.random() * 30);
      }
    }),
  );
  await subscriber.reached(events, 20_000);
  const seqs = subscriber.seen.map(({ value }) => value);
  const exact = seqs.length === events && seqs.every((seq, index) => seq === index + 1);
  await stage.pool.query("delete from feed_events where user_id = $1 and seq <= 2000", [userId]);
  const late = new Subscriber(server.url, accessToken, userId).followFeed(100);
  await late.reached(events, 5_000);
  await mover.move(jobIds[0]!, ignore);
  await late.reached(events + 1, 5_000);
  subscriber.close();
  late.close();
  await mover.close();
  return [
    {
      promise: "3,000 feed events of 8 writers, 50 socket kills",
      figure: "all, once, in order",
      measured: `${seqs.length} events, exact: ${exact}, ${subscriber.awayMs.length} reconnections`,
      ok: exact && subscriber.awayMs.length >= 30,
    },
    {
      promise: "a cursor that is older than the log",
      figure: "FeedReset, then what follows",
      measured: late.seen.map(({ type, value }) => `${type} ${value}`).join(", "),
      ok: late.seen[0]?.type === "FeedReset" && late.seen.length === 2,
    },
  ];
}

/** All processes replaced one by one, under load. */
export async function rolling(stage: ChaosStage): Promise<Finding[]> {
  const restarts = Number(process.env["KILLS"] ?? 10);
  const server = await stage.start(["--role", "api", "--workers", "2"], { LOG_LEVEL: "info" });
  const { userId, accessToken } = await signIn(server.url);
  const mover = await Mover.open(stage, userId);
  const jobIds = await mover.createJobs(50);
  const subscribers = jobIds.map((id) =>
    new Subscriber(server.url, accessToken, userId).watchJob(id),
  );
  await Promise.all(subscribers.map((subscriber) => subscriber.reached(1, 20_000)));
  let ended = false;
  let answered = 0;
  const failures: string[] = [];
  const clients = Array.from({ length: 30 }, async () => {
    const caller = new Caller(server.url, accessToken);
    while (!ended) {
      try {
        const { status, errors } = await caller.call("{ viewer { id } }");
        if (status !== 200 || errors.length > 0) failures.push(`${status} ${errors[0]?.message}`);
        else answered += 1;
      } catch (error) {
        failures.push(String((error as { code?: unknown }).code ?? error));
      }
      await sleep(Math.random() * 100);
    }
    caller.close();
  });
  let moves = 0;
  const moving = (async () => {
    while (!ended) {
      await Promise.all(jobIds.map((id) => mover.move(id, ignore)));
      moves += 1;
      await sleep(100);
    }
  })();
  for (let restart = 1; restart <= restarts; restart += 1) {
    server.child.kill("SIGHUP");
    while (server.output().split("all processes were replaced").length - 1 < restart)
      await sleep(20);
  }
  ended = true;
  await Promise.all([...clients, moving]);
  await Promise.all(subscribers.map((subscriber) => subscriber.reached(moves + 1, 10_000)));
  const away = subscribers.flatMap(({ awayMs }) => awayMs).sort((a, b) => a - b);
  const rising = subscribers.every((subscriber) => subscriber.rising);
  for (const subscriber of subscribers) subscriber.close();
  await mover.close();
  const kinds = [...new Set(failures)].slice(0, 4).join("; ");
  return [
    {
      promise: `${restarts} rolling restarts of 2 processes, 30 keep-alive clients`,
      figure: "0 failed requests",
      measured: `${answered} answered, ${failures.length} failed ${kinds}`,
      ok: failures.length === 0 && answered > 0,
    },
    {
      promise: "50 subscriptions meanwhile",
      figure: "sockets back ≤ 2 s, versions rising, last one arrives",
      measured: `${away.length} losses, back p50 ${Math.round(percentile(away, 0.5))} ms, p95 ${Math.round(percentile(away, 0.95))} ms, max ${Math.round(away.at(-1) ?? 0)} ms, rising: ${rising}, unhandled: ${server.unhandled()}`,
      ok: (away.at(-1) ?? 0) <= 2_000 && rising && away.length > 0,
    },
  ];
}
