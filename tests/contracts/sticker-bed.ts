import sharp from "sharp";
import { DashScopeStickerMaker } from "../../src/integrations/dashscope/dashscope-sticker-maker.ts";
import type { FinishedSticker, StickerRequest } from "../../src/integrations/dashscope/sticker.ts";
import { Database } from "../../src/platform/db/database.ts";
import { UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { StopRun, type StopReason } from "../../src/platform/jobs/run.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import type { ProviderGuard } from "../../src/platform/resilience/guard.ts";
import { ProviderTurns } from "../../src/platform/resilience/provider-turns.ts";
import { freshDatabase } from "../support/database.ts";
import { startStubs, STUB_DASHSCOPE, type Behaviour, type Stubs } from "../support/stubs/index.ts";
import { failure, plainGuard, TIMEOUT_MS } from "./faults.ts";

const log = createLogger("silent");
const FACE = { face: [20, 20, 80, 80], around: [5, 5, 95, 95] };

interface Call {
  readonly operation: string;
  readonly atMs: number;
}

/** A task that works on, so many questions long. */
export const runningTask = (times = 999): Behaviour => ({
  match: "GET /api/v1/tasks/",
  body: { request_id: "r", output: { task_id: "t", task_status: "RUNNING" } },
  times,
});

/** A job that asks for a sticker, and remembers what it was told. */
export interface StickerJob {
  readonly request: StickerRequest;
  readonly sessions: any[];
  /** How many addresses of its picture were signed. */
  addresses(): number;
  stop(reason: StopReason): void;
  /** Another run of the same job, with what this one has stored. */
  again(): StickerJob;
}

/** The maker of stickers on the stub, with turns in a database of its own. */
export interface StickerBed {
  readonly stubs: Stubs;
  readonly database: Database;
  /** Forgets what happened. */
  reset(): Promise<void>;
  job(session?: string | null, jobId?: string): StickerJob;
  /** A job whose face was found already. */
  detected(jobId: string): StickerJob;
  /** A process that makes stickers. */
  maker(options?: { pollMs?: number; isStrict?: boolean }): DashScopeStickerMaker;
  make(job: StickerJob, options?: { pollMs?: number }): Promise<FinishedSticker>;
  /** Makes a sticker that must fail, and gives the error. */
  fail(job: StickerJob): ReturnType<typeof failure>;
  /** How often the provider was asked for something. */
  asked(what: string): number;
  /** When the provider was asked for something, in ms. */
  timesOf(operation: string): number[];
  close(): Promise<void>;
}

export async function openStickerBed(): Promise<StickerBed> {
  const stubs = await startStubs();
  const fresh = await freshDatabase();
  const database = await Database.open({
    url: fresh.url,
    poolSize: 4,
    applicationName: "dashscope",
    entities: [],
    migrations: [],
    log,
  });
  const image = await sharp({
    create: { width: 100, height: 100, channels: 3, background: "#a77" },
  })
    .jpeg()
    .toBuffer();
  const calls: Call[] = [];
  const guard = noting(calls);
  const maker: StickerBed["maker"] = ({ pollMs = 10, isStrict = false } = {}) =>
    new DashScopeStickerMaker({
      baseUrl: `${stubs.url}/dashscope/api/v1`,
      apiKey: STUB_DASHSCOPE.apiKey,
      timeoutMs: TIMEOUT_MS,
      pollMs,
      guard,
      turns: new ProviderTurns(new UnitOfWork(database, log)),
      allowInsecureUrls: !isStrict,
    });
  return {
    stubs,
    database,
    reset: async () => {
      stubs.reset();
      calls.length = 0;
      await database.query("delete from provider_turns");
    },
    job: (session = null, jobId = "emj_1") => jobOf(image, jobId, session),
    detected: (jobId) => jobOf(image, jobId, JSON.stringify({ step: "DETECTED", ...FACE })),
    maker,
    make: ({ request }, options) => maker(options).make(request),
    fail: ({ request }) => failure(maker().make(request), [STUB_DASHSCOPE.apiKey]),
    asked: (what) =>
      stubs.requests("dashscope").filter(({ method, path }) => `${method} ${path}`.includes(what))
        .length,
    timesOf: (operation) =>
      calls.filter((call) => call.operation === operation).map(({ atMs }) => atMs),
    close: async () => {
      await database.close();
      await fresh.drop();
      await stubs.close();
    },
  };
}

function jobOf(image: Uint8Array, jobId: string, session: string | null): StickerJob {
  const sessions: any[] = [];
  const stopper = new AbortController();
  let addresses = 0;
  return {
    sessions,
    addresses: () => addresses,
    stop: (reason) => {
      stopper.abort(new StopRun(reason));
    },
    again: () => jobOf(image, jobId, JSON.stringify(sessions.at(-1))),
    request: {
      jobId,
      image,
      imageUrl: () => {
        addresses += 1;
        return Promise.resolve("https://files.example/source.jpg");
      },
      motion: "mengwa_kaixin",
      session,
      saveSession: (text) => {
        sessions.push(JSON.parse(text));
        return Promise.resolve();
      },
      onGenerating: () => Promise.resolve(),
      onProgress: () => undefined,
      signal: stopper.signal,
    },
  };
}

function noting(calls: Call[]): ProviderGuard {
  const plain = plainGuard("dashscope");
  return {
    provider: plain.provider,
    breakerState: "closed",
    run: (call, attempt) => {
      calls.push({ operation: call.operation, atMs: performance.now() });
      return plain.run(call, attempt);
    },
  };
}
