import { expect } from "@jest/globals";
import { startApp, type App } from "../../../src/main/app.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import type { TestClient } from "../../support/client.ts";
import { storeUrls } from "../../support/database.ts";
import { startServer, type Server } from "../../support/server-process.ts";
import {
  startStubs,
  STUB_DASHSCOPE,
  STUB_REPLICATE,
  type StubProvider,
  type Stubs,
} from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";

/** What a job has cost, by the books, once it has ended. */
interface Bill {
  readonly status: string;
  readonly code: string | null;
  /** Units that are gone: points, credits, or what counts in the period. */
  readonly cost: number;
  /** Still set aside; always 0 at the end. */
  readonly held: number;
  /** Movements of the wallet for this job, such as "CONSUME -10". */
  readonly entries: readonly string[];
}

/** Something that people pay for. */
export interface Product<Order> {
  /** Who does the work. */
  readonly provider: StubProvider;
  /** What pays for it: a currency of the wallet, or a limit that counts. */
  readonly unit:
    "POINTS" | "CREDITS" | "SKIN_ANALYSES" | "CHAT_MESSAGES" | "PAL_QUESTIONS" | "CARE_PLANS";
  /** Starts a job for this person and returns its id. */
  start(world: World, person: TestClient, order?: Order): Promise<string>;
}

/** One way in which a job ends, and what it then has cost. */
export interface Ending<Order = undefined> {
  readonly how: string;
  readonly order?: Order;
  /** What the provider does instead of its work. */
  readonly outside?: (stubs: Stubs) => void;
  /** Canceled while it waits, or once the provider was asked for something whose path has this in it. */
  readonly cancel?: "queued" | `${"" | "GET " | "POST "}/${string}`;
  /** What must be there before it is canceled, besides. */
  readonly cancelWhen?: keyof typeof SIGNS;
  /** The time that it has. */
  readonly deadlineMs?: number;
  readonly status: "SUCCEEDED" | "FAILED" | "CANCELED";
  readonly code?: string;
  readonly cost: number;
  readonly entries?: readonly string[];
}

/** A code that depends on the moment. */
export const either = (...codes: readonly string[]): string =>
  expect.stringMatching(`^(${codes.join("|")})$`) as unknown as string;

export interface ChargeBed {
  readonly world: World;
  readonly stubs: Stubs;
  /** A person with a hundred of each currency. */
  person(): Promise<TestClient>;
  /** Has a worker in this process, if there is none yet. */
  someWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  /** A worker in a process of its own, to be killed. */
  victim(): Promise<Server>;
  stop(): Promise<void>;
}

/** All workers of a world have one address: by that, they find what another one has begun. */
const WORKER = { PUBLIC_URL: "https://facet.test", DRAIN_SECONDS: "1" };
const FORTUNE = 100;
/** Statements that find a row once a job is so far. */
const SIGNS = {
  "its text begins": "select 1 from chat_reply_chunks where reply_id = $1",
  "a view is there": "select 1 from try_on_views where job_id = $1 and status = 'SUCCEEDED'",
};

/** A world of live providers, all of them stubs; nobody works yet. */
export async function openChargeBed(env: Record<string, string> = {}): Promise<ChargeBed> {
  const stubs = await startStubs({ orboPolls: 1 });
  const world = await createWorld({
    nodes: 1,
    workers: 0,
    env: { ...liveProviders(stubs), ...env },
  });
  const victims: Server[] = [];
  let worker: App | null = null;
  const stopWorker = async () => {
    await worker?.stop();
    worker = null;
  };
  return {
    world,
    stubs,
    person: () => richPerson(world),
    stopWorker,
    someWorker: async () => {
      worker ??= await startApp({
        config: loadConfig({ ...world.env, ...WORKER, PORT: "0" }),
        urls: { ...storesOf(world), redisEmbedded: true },
        role: "worker",
        log: createLogger(process.env["TEST_LOG"] ?? "silent"),
      });
    },
    victim: async () => {
      const {
        postgresUrl: DATABASE_URL,
        mongoUrl: MONGODB_URL,
        redisUrl: REDIS_URL,
      } = storesOf(world);
      const stores = { DATABASE_URL, MONGODB_URL, REDIS_URL };
      const one = await startServer(["--role", "worker"], {
        ...world.env,
        ...stores,
        ...WORKER,
        LOG_LEVEL: "info",
      });
      victims.push(one);
      return one;
    },
    stop: async () => {
      await Promise.all(victims.map((one) => one.kill()));
      await stopWorker();
      await world.stop();
      await stubs.close();
    },
  };
}

function storesOf(world: World) {
  const { mongoUrl, redisUrl } = storeUrls();
  const mongo = new URL(mongoUrl);
  mongo.pathname = new URL(world.databaseUrl).pathname;
  return { postgresUrl: world.databaseUrl, mongoUrl: mongo.toString(), redisUrl };
}

const liveProviders = ({ url }: Stubs): Record<string, string> => ({
  ORBO_MODE: "live",
  ORBO_BASE_URL: `${url}/orbo/skin/v1/`,
  ORBO_CLIENT_ID: "client",
  ORBO_API_KEY: "key",
  ORBO_POLL_MS: "10",
  OPENAI_MODE: "live",
  OPENAI_BASE_URL: `${url}/openai/v1`,
  OPENAI_API_KEY: "sk-test",
  GEMINI_MODE: "live",
  GEMINI_BASE_URL: `${url}/gemini`,
  GEMINI_API_KEY: "key",
  DASHSCOPE_MODE: "live",
  DASHSCOPE_BASE_URL: `${url}/dashscope/api/v1`,
  DASHSCOPE_API_KEY: STUB_DASHSCOPE.apiKey,
  DASHSCOPE_POLL_MS: "20",
  REPLICATE_MODE: "live",
  REPLICATE_BASE_URL: `${url}/replicate/v1`,
  REPLICATE_API_TOKEN: STUB_REPLICATE.token,
  REPLICATE_WEBHOOK_SECRETS: STUB_REPLICATE.webhookSecret,
  REPLICATE_POLL_MS: "20",
  CHAT_MESSAGES_PER_MINUTE: "1000",
});

async function richPerson(world: World): Promise<TestClient> {
  const person = await world.person();
  const { unitOfWork, wallet } = world.nodes[0]!.parts;
  for (const currency of ["POINTS", "CREDITS"] as const) {
    await unitOfWork.run((tx) =>
      wallet.wallets.credit(tx, {
        userId: person.userId,
        currency,
        amount: FORTUNE,
        kind: "REWARD",
        reference: { type: "TEST", id: person.userId },
        key: `test:${currency}:${person.userId}`,
      }),
    );
  }
  return person;
}

/** Lets a job of a product end in one way, and compares the books with what that should have cost. */
export async function expectBill<Order>(
  bed: ChargeBed,
  product: Product<Order>,
  ending: Ending<Order>,
): Promise<void> {
  const { world, stubs } = bed;
  stubs.reset();
  stubs.replicate.forget();
  const mustWait = ending.cancel === "queued" || ending.deadlineMs !== undefined;
  if (mustWait) await bed.stopWorker();
  else await bed.someWorker();
  ending.outside?.(stubs);
  const person = await bed.person();
  const id = await product.start(world, person, ending.order);
  if (ending.deadlineMs !== undefined) await limitTime(world, id, ending.deadlineMs);
  if (ending.cancel === "queued") await cancel(person, id);
  else await bed.someWorker();
  if (ending.cancel !== undefined && ending.cancel !== "queued") {
    await asked(stubs, product.provider, ending.cancel);
    const sign = ending.cancelWhen && SIGNS[ending.cancelWhen];
    if (sign)
      await until(async () => (await world.nodes[0]!.stores.database.query(sign, [id])).length);
    await cancel(person, id);
  }
  expect(await billOf(world, product.unit, person, id)).toEqual({
    status: ending.status,
    code: ending.code ?? null,
    cost: ending.cost,
    held: 0,
    entries: ending.entries ?? [],
  });
  // Its breakers may be open.
  if (ending.status === "FAILED") await bed.stopWorker();
}

/** Waits until the provider was asked for something `times` times. */
export const asked = (stubs: Stubs, provider: StubProvider, path: string, times = 1) =>
  until(
    () =>
      stubs.requests(provider).filter((seen) => `${seen.method} ${seen.path}`.includes(path))
        .length,
    (count) => count >= times,
  );

/** Waits for the end of a job, past the pauses between its attempts, and reads what it has cost. */
export async function billOf(
  world: World,
  unit: Product<unknown>["unit"],
  person: TestClient,
  id: string,
): Promise<Bill> {
  const { jobRepository } = world.nodes[0]!.parts;
  const job = await until(
    async () => {
      await passPauses(world, id);
      return (await jobRepository.byIds([id]))[0]!;
    },
    ({ finishedAt }) => finishedAt !== null,
  );
  const { viewer } = await person.must(
    "{ viewer { wallets { currency balance held } usage { name used } } }",
  );
  const entries = await world.nodes[0]!.stores.database.query<{ entry: string }>(
    "select kind || ' ' || delta as entry from ledger_entries where reference_id = $1 order by seq",
    [id],
  );
  const wallet = viewer.wallets.find(({ currency }: any) => currency === unit);
  const count = viewer.usage.find(({ name }: any) => name === unit);
  return {
    status: job.status,
    code: job.failureCode,
    cost: wallet ? FORTUNE - wallet.balance : count.used,
    held: wallet?.held ?? 0,
    entries: entries.map(({ entry }) => entry),
  };
}

const cancel = (person: TestClient, id: string) =>
  person.must(
    "mutation($input: CancelJobInput!) { cancelJob(input: $input) { problems { code } } }",
    {
      input: { id },
    },
  );

async function limitTime(world: World, id: string, deadlineMs: number): Promise<void> {
  await world.nodes[0]!.stores.database.query(
    "update ai_jobs set deadline_at = now() + make_interval(secs => $2) where id = $1",
    [id, deadlineMs / 1000],
  );
}

/** Ends the pause before the next attempt of a job. */
async function passPauses(world: World, id: string): Promise<void> {
  await world.nodes[0]!.stores.database.query(
    `with due as (update graphile_worker._private_jobs set run_at = now()
       where key = $1 and run_at > now() and locked_at is null returning 1)
     select pg_notify('jobs:insert', '{"count":1}') from due`,
    [id],
  );
}

/** Whether the wallets agree with their ledgers and holds. */
export async function expectTrueBooks(world: World): Promise<void> {
  expect(await world.nodes[0]!.parts.wallet.reconcile?.()).toEqual([]);
}
