/**
 * `npm run bench:reads`: facet against what a team would use instead, side by side on the tables of one shop.
 * ROUNDS, SECONDS, CONTENDERS (names, separated by commas) and ONLY (part of an operation's name) make it smaller.
 * `npm run bench:reads -- profile`: where facet's process spends its time.
 */
import { cpus } from "node:os";
import { compare } from "./compare.ts";
import { profile } from "./profile.ts";
import { openShop, type Shop } from "./shop.ts";

const RUNS: Record<string, (shop: Shop) => Promise<void>> = { compare, profile };
const name = process.argv[2] ?? "compare";
const run = RUNS[name];
if (!run) throw new Error(`Say one of ${Object.keys(RUNS).join(", ")}.`);

const shop = await openShop({ inspector: name !== "compare" });
try {
  console.log(`${new Date().toISOString()}, ${cpus().length} × ${cpus()[0]?.model}`);
  await run(shop);
} finally {
  await shop.close();
}
