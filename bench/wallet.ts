/** `npm run bench:wallet`: how fast wallets are charged by a crowd, and whether the books agree afterwards. */
import { openDatabase } from "../src/main/stores.ts";
import { loadConfig } from "../src/platform/config/env.ts";
import { Refused } from "../src/platform/graphql/problems.ts";
import { createLogger } from "../src/platform/observe/logger.ts";
import { trade } from "../tests/domains/wallet/random-trade.ts";
import { forJob, give, openTill, type Till } from "../tests/domains/wallet/wallet-bed.ts";
import { percentile, printTable, round } from "./support/figures.ts";
import { openStage } from "./support/stage.ts";

const SPENDS = 1_000;
const POINTS = 500;
const KEYS = 100;
const CALLS_PER_KEY = 20;
const CLIENTS = 8;
const OPERATIONS = Number(process.env["OPERATIONS"] ?? 2_000);
const WALLETS = 20;

async function oneWallet(tills: readonly Till[]): Promise<void> {
  const user = tills[0]!.ids.next("usr");
  await give(tills[0]!, user, POINTS);
  const samples: number[] = [];
  const startMs = performance.now();
  const results = await Promise.all(
    Array.from({ length: SPENDS }, async (_, index) => {
      const till = tills[index % tills.length]!;
      const sentMs = performance.now();
      const result = await till
        .run((tx) => till.wallets.spend(tx, forJob(till, user, 1)))
        .then(() => "spent")
        .catch((error: unknown) => (error instanceof Refused ? error.problem.code : String(error)));
      samples.push(performance.now() - sentMs);
      return result;
    }),
  );
  const tookMs = performance.now() - startMs;
  const { balance } = await tills[0]!.balance(user);
  printTable(`${SPENDS} spends of 1 at once on ${POINTS} points, two pools`, [
    ["spent", "refused", "other", "balance", "took ms", "p50 ms", "p99 ms"],
    [
      results.filter((result) => result === "spent").length,
      results.filter((result) => result === "INSUFFICIENT_POINTS").length,
      results.filter((result) => !["spent", "INSUFFICIENT_POINTS"].includes(result)).length,
      balance,
      Math.round(tookMs),
      round(percentile(samples, 0.5)),
      round(percentile(samples, 0.99)),
    ],
  ]);
}

async function repeated(tills: readonly Till[]): Promise<void> {
  const user = tills[0]!.ids.next("usr");
  await give(tills[0]!, user, 2 * KEYS);
  const movements = Array.from({ length: KEYS }, () => forJob(tills[0]!, user, 1));
  const startMs = performance.now();
  const answers = await Promise.all(
    movements.map(async (movement) => {
      const calls = Array.from({ length: CALLS_PER_KEY }, (_, index) => {
        const till = tills[index % tills.length]!;
        return till.run((tx) => till.wallets.spend(tx, movement));
      });
      return new Set((await Promise.all(calls)).map(({ entry }) => entry.id)).size;
    }),
  );
  const tookMs = performance.now() - startMs;
  const { balance } = await tills[0]!.balance(user);
  printTable(`${KEYS} keys × ${CALLS_PER_KEY} calls at once`, [
    ["effects", "keys with unequal answers", "took ms"],
    [2 * KEYS - balance, answers.filter((size) => size !== 1).length, Math.round(tookMs)],
  ]);
}

async function mixed(tills: readonly Till[]): Promise<void> {
  const startMs = performance.now();
  const result = await trade(tills, {
    clients: CLIENTS,
    operations: OPERATIONS,
    wallets: WALLETS,
    seed: 1,
  });
  const tookMs = performance.now() - startMs;
  let wrong = 0;
  for (const [user, expected] of result.expected) {
    if ((await tills[0]!.balance(user)).balance !== expected) wrong += 1;
  }
  const checkMs = performance.now();
  const findings = await tills[0]!.findings();
  printTable(`${CLIENTS} clients × ${OPERATIONS} random operations on ${WALLETS} wallets`, [
    ["per second", "refused", "lowest balance", "wrong sums", "findings", "reconcile ms"],
    [
      Math.round((result.operations * 1_000) / tookMs),
      result.refusals,
      result.lowest,
      wrong,
      findings.length,
      Math.round(performance.now() - checkMs),
    ],
  ]);
}

const stage = await openStage();
const config = loadConfig({ ...process.env, DATA_DIR: stage.dataDir });
await (await openDatabase(stage.urls, config, createLogger("warn"))).close();
const tills = [
  await openTill(stage.urls.postgresUrl),
  await openTill(stage.urls.postgresUrl, { nodeId: 2 }),
];
try {
  await oneWallet(tills);
  await repeated(tills);
  await mixed(tills);
} finally {
  for (const till of tills) await till.stop();
  await stage.close();
}
