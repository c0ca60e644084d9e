/**
 * `npm run bench:chaos [-- scenario …]`: breaks things at full size and prints what was promised and what was measured.
 * Needs redis-server on the PATH. KILLS, JOBS, KEYS, CALLS, SECONDS make a scenario smaller.
 */
import { crash, enqueue, idempotency } from "./chaos/jobs.ts";
import { feed, gapless, rolling } from "./chaos/realtime.ts";
import { embedded } from "./chaos/embedded.ts";
import { slow } from "./chaos/slow-readers.ts";
import { mongo, postgres, redis } from "./chaos/stores.ts";
import { ChaosStage, type Finding } from "./support/chaos-stage.ts";
import { printTable } from "./support/figures.ts";

const SCENARIOS: Record<string, (stage: ChaosStage) => Promise<Finding[]>> = {
  crash: async (stage) => {
    process.env["DATABASE_URL"] = stage.postgres.url;
    process.env["REDIS_URL"] = stage.redis.url;
    process.env["MONGODB_URL"] = "mongodb://127.0.0.1:1/";
    const { default: setUp } = await import("../tests/support/global-setup.ts");
    await setUp();
    return crash();
  },
  enqueue,
  idempotency,
  gapless,
  feed,
  redis,
  postgres,
  mongo,
  rolling,
  slow,
  embedded: () => embedded(),
};

async function main(): Promise<boolean> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in SCENARIOS));
  if (unknown.length > 0) {
    throw new Error(
      `Unknown: ${unknown.join(", ")}. There are ${Object.keys(SCENARIOS).join(", ")}.`,
    );
  }
  let ok = true;
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const stage = await ChaosStage.open();
    const startMs = performance.now();
    try {
      const findings = await scenario(stage);
      ok &&= findings.every((finding) => finding.ok);
      printTable(`${name}, ${Math.round((performance.now() - startMs) / 1000)} s`, [
        ["promise", "figure", "measured", "ok"],
        ...findings.map((row) => [row.promise, row.figure, row.measured, row.ok ? "ok" : "FAILED"]),
      ]);
    } catch (error) {
      ok = false;
      console.error(`\n${name} broke off:`, error);
    } finally {
      await stage.close();
    }
  }
  return ok;
}

process.exit((await main()) ? 0 : 1);
