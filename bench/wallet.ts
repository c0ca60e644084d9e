/** `npm run bench:wallet`: how fast wallets are charged by a crowd, and whether the books agree afterwards. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import plans from "../src/domains/billing/plans/default-config.json" with { type: "json" };
import { openDatabase } from "../src/main/stores.ts";
import { loadConfig } from "../src/platform/config/env.ts";
import { Refused } from "../src/platform/graphql/problems.ts";
import { createLogger } from "../src/platform/observe/logger.ts";
import { trade } from "../tests/domains/wallet/random-trade.ts";
import { forJob, give, openTill, type Till } from "../tests/domains/wallet/wallet-bed.ts";
import { Caller } from "./support/caller.ts";
import { percentile, printTable, round } from "./support/figures.ts";
import { signIn } from "./support/people.ts";
import { upload } from "./support/selfies.ts";
import { openStage, type Stage } from "./support/stage.ts";

const SPENDS = 1_000;
const POINTS = 500;
const KEYS = 100;
const CALLS_PER_KEY = 20;
const CLIENTS = 8;
const OPERATIONS = Number(process.env["OPERATIONS"] ?? 2_000);
const WALLETS = 20;

const CREATE_EMOJI = `mutation Create($input: CreateEmojiTaskInput!) {
  createEmojiTask(input: $input) { emojiTask { id } problems { code } }
}`;

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

/** The same by mutations of two api processes: each spend is an emoji task that costs one point. */
async function throughGraphQL(stage: Stage, till: Till): Promise<void> {
  const file = join(stage.dataDir, "plans.json");
  await writeFile(file, JSON.stringify({ ...plans, emoji: { ...plans.emoji, pricePoints: 1 } }));
  const env = {
    DYNAMIC_CONFIG_FILE: file,
    UNUSED_UPLOADS_PER_USER: String(2 * SPENDS),
    IMAGE_JOBS_PER_MINUTE: "1000000",
    COST_BUDGET_PER_MINUTE: "100000000",
  };
  const urls = [await stage.startProcess("api", env), await stage.startProcess("api", env)];
  const { userId, accessToken } = await signIn(urls[0]!.url);
  await give(till, userId, POINTS);
  const callers = Array.from(
    { length: 50 },
    (_, index) => new Caller(urls[index % 2]!.url, accessToken),
  );
  const bytes = await sharp({
    create: { width: 64, height: 64, channels: 3, background: "#c99" },
  })
    .png()
    .toBuffer();
  const uploads = await Promise.all(
    callers.map(async (caller) => {
      const ids: string[] = [];
      for (let index = 0; index < SPENDS / callers.length; index += 1) {
        ids.push(await upload(caller, { purpose: "EMOJI_SOURCE", bytes }));
      }
      return ids;
    }),
  );
  const startMs = performance.now();
  const results = await Promise.all(
    callers.flatMap((caller, index) =>
      uploads[index]!.map(async (uploadId) => {
        const input = { uploadId, templateId: "emt_happy" };
        const { data, errors } = await new Caller(caller.url, accessToken).call(CREATE_EMOJI, {
          input,
        });
        const { emojiTask, problems } = data?.createEmojiTask ?? { problems: [] };
        return emojiTask ? "spent" : (problems[0]?.code ?? errors[0]?.extensions?.code ?? "other");
      }),
    ),
  );
  const tookMs = performance.now() - startMs;
  for (const caller of callers) caller.close();
  const [row] = (
    await stage.pool.query(
      `select (select count(*)::int from ai_jobs where user_id = $1) as jobs,
         (select sum(delta)::int from ledger_entries where user_id = $1) as sum`,
      [userId],
    )
  ).rows;
  printTable(`${SPENDS} spends of 1 at once on ${POINTS} points, GraphQL, two processes`, [
    ["spent", "refused", "other", "balance", "sum of entries", "jobs", "took ms"],
    [
      results.filter((result) => result === "spent").length,
      results.filter((result) => result === "INSUFFICIENT_POINTS").length,
      results.filter((result) => !["spent", "INSUFFICIENT_POINTS"].includes(result)).length,
      (await till.balance(userId)).balance,
      row.sum,
      row.jobs,
      Math.round(tookMs),
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
  await throughGraphQL(stage, tills[0]!);
  await repeated(tills);
  await mixed(tills);
} finally {
  for (const till of tills) await till.stop();
  await stage.close();
}
