import { setTimeout as pause } from "node:timers/promises";
import { abuseHttp, abuseSocket, abuseUploads } from "../tests/support/abuse.ts";
import { freePort } from "../tests/support/world.ts";
import { collectGarbage } from "./support/collector.ts";
import { printTable, round } from "./support/figures.ts";
import { openStage } from "./support/stage.ts";

/**
 * `npm run bench:abuse`: malformed requests, frames and uploads against a running server. The server must neither fail nor
 * tell anything internal, and its memory must not grow from round to round.
 */
const ROUNDS = 4;
const REQUESTS = 10_000;
const FRAMES = 2_000;
const UPLOADS = 500;
const LIMITS = {
  COST_BUDGET_PER_MINUTE: "100000000",
  LOGIN_ATTEMPTS_PER_MINUTE: "100000",
  IMAGE_JOBS_PER_MINUTE: "1000000",
  SKIN_ANALYSES_PER_MONTH: "1000000",
  MAX_SOCKETS_PER_USER: "100000",
};

const stage = await openStage();
const inspector = await freePort();
const { url, child } = await stage.startProcess("api", {
  ...LIMITS,
  NODE_OPTIONS: `--inspect=127.0.0.1:${inspector}`,
});
let exited = false;
child.once("exit", () => (exited = true));

async function memory(): Promise<{ heap: number; resident: number }> {
  await pause(1_000); // lets sockets close
  await collectGarbage(inspector);
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]) / 2 ** 20;
  return {
    heap: round(read("nodejs_heap_size_used_bytes")),
    resident: round(read("process_resident_memory_bytes")),
  };
}

const rows: (string | number)[][] = [["after", "heap used MB", "resident MB", "wrong", "outcomes"]];
const wrong: unknown[] = [];
const start = await memory();
rows.push(["start", start.heap, start.resident, 0, ""]);
for (let part = 0; part < ROUNDS; part += 1) {
  const seed = 1_000 + part;
  const reports = {
    requests: await abuseHttp(url, REQUESTS / ROUNDS, seed),
    frames: await abuseSocket(url, FRAMES / ROUNDS, seed),
    uploads: await abuseUploads(url, UPLOADS / ROUNDS, seed),
  };
  const { heap, resident } = await memory();
  for (const [what, report] of Object.entries(reports)) {
    const outcomes = [...report.outcomes].map(([name, count]) => `${name}×${count}`).join(" ");
    rows.push([`${part + 1} ${what}`, heap, resident, report.wrong.length, outcomes]);
    wrong.push(...report.wrong);
  }
}
printTable(`${REQUESTS} malformed requests, ${FRAMES} frames, ${UPLOADS} uploads`, rows);
const alive = !exited && (await fetch(`${url}/readyz`)).status === 200;
console.log(
  `\n  the server ${alive ? "lives and is ready" : "is gone"}; ${wrong.length} wrong answers`,
);
for (const answer of wrong.slice(0, 5)) console.log(answer);
await stage.close();
process.exitCode = alive && wrong.length === 0 ? 0 : 1;
