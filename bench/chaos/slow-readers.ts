import WebSocket from "ws";
import { sleep, type Server } from "../../tests/support/server-process.ts";
import { type ChaosStage, type Finding } from "../support/chaos-stage.ts";
import { percentile } from "../support/figures.ts";
import { Mover } from "../support/mover.ts";
import { signIn } from "../support/people.ts";
import { openWatchers } from "../support/watchers.ts";

const SOCKETS = 20;
const WATCHES = 50;
const ROUNDS = Number(process.env["ROUNDS"] ?? 200);
const ROUND_MS = 300;
/** About when the network's own buffers are full and the server's patience ends. */
const FIRST_RESUME_S = 14;
const ALIASES = Array.from(
  { length: 12 },
  (_, index) =>
    `a${index}: job { id status stage progress version createdAt startedAt kind: __typename }`,
).join(" ");
const WATCH = `subscription Watch($id: ID!) { jobChanged(id: $id) { job { version } ${ALIASES} } }`;

/** Sockets that stop reading, beside others that read on. */
export async function slow(stage: ChaosStage): Promise<Finding[]> {
  const server = await stage.start(["--role", "api"]);
  const { accessToken, userId } = await signIn(server.url);
  const mover = await Mover.open(stage, userId);
  const flooded = await mover.createJobs(SOCKETS * WATCHES);
  const calm = await mover.createJobs(SOCKETS);
  const committed = new Map<string, number>();
  let latenciesMs: number[] = [];
  const watchers = await openWatchers({
    url: server.url,
    accessToken,
    jobIds: calm,
    onFrame: (index, version, atMs) => {
      const commitMs = committed.get(`${calm[index]}:${version}`);
      if (commitMs !== undefined) latenciesMs.push(atMs - commitMs);
    },
  });
  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, (_, index) =>
      openMany(server.url, accessToken, flooded.slice(index * WATCHES, (index + 1) * WATCHES)),
    ),
  );
  const flood = async (rounds: number) => {
    latenciesMs = [];
    let flooding = true;
    const others = (async () => {
      for (let step = 0; flooding; step += 1) {
        await mover.move(calm[step % calm.length]!, (key, atMs) => committed.set(key, atMs));
        await sleep(10);
      }
    })();
    const startMs = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      await mover.moveAll(flooded);
      await sleep(Math.max(0, startMs + (round + 1) * ROUND_MS - performance.now()));
    }
    flooding = false;
    await others;
    return percentile(latenciesMs, 0.95);
  };
  await flood(10);
  const readingP95 = await flood(ROUNDS / 4);
  const before = await residentBytes(server);
  let peak = before;
  const watching = setInterval(() => {
    void residentBytes(server).then((bytes) => (peak = Math.max(peak, bytes)));
  }, 250);
  for (const socket of sockets) socket.pause();
  const closing = closeCodes(sockets);
  const slowP95 = await flood(ROUNDS);
  clearInterval(watching);
  const codes = await closing;
  for (const watcher of watchers) watcher.close();
  await mover.close();
  const told = codes.filter((code) => code === 1013).length;
  const firstClosed = codes.findIndex((code) => code !== 0);
  const noneStays = firstClosed >= 0 && codes.slice(firstClosed).every((code) => code !== 0);
  return [
    {
      promise: `${SOCKETS} sockets that stop reading under ${ROUNDS * flooded.length} events`,
      figure: "memory + < 100 MB",
      measured: `+ ${Math.round((peak - before) / 1e6)} MB (from ${Math.round(before / 1e6)} MB)`,
      ok: peak - before < 100e6,
    },
    {
      promise: "the others meanwhile",
      figure: "p95 < 2 × that with readers",
      measured: `p95 ${readingP95.toFixed(1)} ms with readers, ${slowP95.toFixed(1)} ms with laggards`,
      ok: slowP95 < 2 * readingP95,
    },
    {
      promise: `the laggards, reading again after ${FIRST_RESUME_S}, ${FIRST_RESUME_S + 1}, … s`,
      figure: "closed with 1013 (1006 for who did not read even that)",
      measured: codes.map((code) => (code === 0 ? "open" : code)).join(" "),
      ok: told > 0 && noneStays,
    },
  ];
}

/** Lets one socket after the other read again, and tells how each was closed; 0 when it was not. */
async function closeCodes(sockets: readonly WebSocket[]): Promise<number[]> {
  return Promise.all(
    sockets.map(async (socket, index) => {
      const closed = new Promise<number>((resolve) => socket.once("close", resolve));
      await sleep((FIRST_RESUME_S + index) * 1000);
      socket.resume();
      return Promise.race([closed, sleep(2_000).then(() => 0)]);
    }),
  );
}

function openMany(url: string, accessToken: string, jobIds: readonly string[]): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  return new Promise((resolve, reject) => {
    let begun = 0;
    socket.on("error", reject);
    socket.on("open", () => {
      const payload = { authorization: `Bearer ${accessToken}` };
      socket.send(JSON.stringify({ type: "connection_init", payload }));
    });
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; payload?: unknown };
      if (message.type === "connection_ack") {
        jobIds.forEach((id, index) => {
          const payload = { query: WATCH, variables: { id } };
          socket.send(JSON.stringify({ id: String(index), type: "subscribe", payload }));
        });
      } else if (message.type === "error") reject(new Error(JSON.stringify(message.payload)));
      else if (message.type === "next" && ++begun === jobIds.length) resolve(socket);
    });
  });
}

async function residentBytes(server: Server): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1] ?? 0);
}
