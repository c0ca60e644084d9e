/**
 * `npm run bench:reads`: facet against what a team would use instead, side by side on the tables of one shop.
 * ROUNDS, SECONDS, CONTENDERS (names, separated by commas) and ONLY (part of an operation's name) make it smaller.
 * `-- beside`: what fields of a signed-in viewer cost in the same operation; ROUNDS.
 * `-- steady`: whether memory stays flat under mixed reads; MINUTES, PER_SECOND.
 * `-- profile`: where facet's process spends its time; SECONDS, ONLY.
 */
import { cpus } from "node:os";
import type { Form } from "../support/stage.ts";
import { beside } from "./beside.ts";
import { compare } from "./compare.ts";
import { profile } from "./profile.ts";
import { openShop, type Shop } from "./shop.ts";
import { steady } from "./steady.ts";

const RUNS: Record<string, { run: (shop: Shop) => Promise<void>; inspector: boolean; form: Form }> =
  {
    compare: { run: compare, inspector: false, form: "build" },
    beside: { run: beside, inspector: false, form: "build" },
    steady: { run: steady, inspector: true, form: "build" },
    // Names the lines of the source.
    profile: { run: profile, inspector: true, form: "source" },
  };
const chosen = RUNS[process.argv[2] ?? "compare"];
if (!chosen) throw new Error(`Say one of ${Object.keys(RUNS).join(", ")}.`);

const shop = await openShop(chosen);
try {
  console.log(`${new Date().toISOString()}, ${cpus().length} × ${cpus()[0]?.model}`);
  await chosen.run(shop);
} finally {
  await shop.close();
}
