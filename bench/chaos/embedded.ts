import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../tests/support/world.ts";
import { Caller } from "../support/caller.ts";
import { sleep, spawnServer, startServer } from "../../tests/support/server-process.ts";
import { type Finding } from "../support/chaos-stage.ts";
import { signIn } from "../support/people.ts";
import { ANALYZE, upload } from "../support/selfies.ts";

const KILLS = Number(process.env["KILLS"] ?? 15);
const READ = "query Read($id: ID!) { skinAnalysis(id: $id) { status result { analysisVersion } } }";

/** Everything embedded, in a fresh folder, killed at any moment. */
export async function embedded(): Promise<Finding[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "facet-embedded-"));
  const env = {
    NODE_ENV: "development",
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    DATABASE_URL: "",
    MONGODB_URL: "",
    REDIS_URL: "",
  };
  const kept: { accessToken: string; analysisId: string }[] = [];
  const startsMs: number[] = [];
  const momentsMs: number[] = [];
  let broken = "";
  let lost = 0;
  for (let kill = 0; kill < KILLS && broken === ""; kill += 1) {
    if (kill % 3 !== 2) {
      // Killed while it starts: the first ones make the stores.
      const server = await spawnServer([], env);
      const momentMs = Math.random() * (kill < 6 ? 1_500 : 4_000);
      momentsMs.push(momentMs);
      await sleep(momentMs);
      await server.kill("SIGKILL");
      continue;
    }
    const startMs = performance.now();
    try {
      const server = await startServer([], env);
      startsMs.push(performance.now() - startMs);
      lost += await missing(server.url, kept);
      kept.push(await leaveSomething(server.url));
      await sleep(Math.random() * 500);
      await server.kill("SIGKILL");
    } catch (error) {
      broken = String(error);
    }
  }
  if (broken === "") {
    const startMs = performance.now();
    const server = await startServer([], env);
    startsMs.push(performance.now() - startMs);
    lost += await missing(server.url, kept);
    await server.kill("SIGTERM");
  }
  rmSync(dataDir, { recursive: true, force: true });
  return [
    {
      promise: `npm start in a fresh folder, ${KILLS} × kill -9, most while it starts (after ${momentsMs.map((ms) => (ms / 1000).toFixed(1)).join(" ")} s)`,
      figure: "starts again each time, keeps what it answered",
      measured:
        broken === ""
          ? `${startsMs.length} starts to ready in at most ${(Math.max(...startsMs) / 1000).toFixed(1)} s, ${lost} of ${kept.length} analyses lost`
          : broken.slice(0, 300),
      ok: broken === "" && lost === 0 && kept.length > 0,
    },
  ];
}

/** A guest with a finished analysis: rows, a document and pictures. */
async function leaveSomething(url: string): Promise<{ accessToken: string; analysisId: string }> {
  const { accessToken } = await signIn(url);
  const caller = new Caller(url, accessToken);
  const input = { uploadId: await upload(caller), idempotencyKey: randomUUID() };
  const { data } = await caller.call(ANALYZE, { input });
  const analysisId = data.analyzeSkin.skinAnalysis.id as string;
  for (;;) {
    const answer = await caller.call(READ, { id: analysisId });
    if (answer.data?.skinAnalysis?.status === "SUCCEEDED") break;
    if (answer.data?.skinAnalysis?.status === "FAILED") throw new Error("the analysis failed");
    await sleep(50);
  }
  caller.close();
  return { accessToken, analysisId };
}

async function missing(
  url: string,
  kept: readonly { accessToken: string; analysisId: string }[],
): Promise<number> {
  let lost = 0;
  for (const { accessToken, analysisId } of kept) {
    const { data } = await new Caller(url, accessToken).call(READ, { id: analysisId });
    if (data?.skinAnalysis?.result === null || data?.skinAnalysis?.status !== "SUCCEEDED")
      lost += 1;
  }
  return lost;
}
