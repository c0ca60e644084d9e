import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { DashScopeStickerMaker } from "../../src/integrations/dashscope/dashscope-sticker-maker.ts";
import type { StickerRequest } from "../../src/integrations/dashscope/sticker.ts";
import { Database } from "../../src/platform/db/database.ts";
import { UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { ProviderTurns } from "../../src/platform/resilience/provider-turns.ts";
import { freshDatabase } from "../support/database.ts";
import { startStubs, STICKER_FILM, STUB_DASHSCOPE, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, plainGuard, TIMEOUT_MS } from "./faults.ts";

const DETECT = "/face-detect";
const CREATE = "/video-synthesis";
const TASK = "/tasks/";
const log = createLogger("silent");
let stubs: Stubs;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let image: Uint8Array;

beforeAll(async () => {
  stubs = await startStubs();
  fresh = await freshDatabase();
  database = await Database.open({
    url: fresh.url,
    poolSize: 4,
    applicationName: "dashscope",
    entities: [],
    migrations: [],
    log,
  });
  image = await sharp({ create: { width: 100, height: 100, channels: 3, background: "#a77" } })
    .jpeg()
    .toBuffer();
});
beforeEach(async () => {
  stubs.reset();
  await database.query("delete from provider_turns");
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
  await stubs.close();
});

/** A job that asks for a sticker, and remembers what it was told. */
function job(session: string | null = null, jobId = "emj_1") {
  const sessions: any[] = [];
  const request: StickerRequest = {
    jobId,
    image,
    imageUrl: "https://files.example/source.jpg",
    motion: "mengwa_kaixin",
    session,
    saveSession: (text) => {
      sessions.push(JSON.parse(text));
      return Promise.resolve();
    },
    onGenerating: () => Promise.resolve(),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  };
  return { request, sessions };
}

const maker = () =>
  new DashScopeStickerMaker({
    baseUrl: `${stubs.url}/dashscope/api/v1`,
    apiKey: STUB_DASHSCOPE.apiKey,
    timeoutMs: TIMEOUT_MS,
    pollMs: 10,
    guard: plainGuard("dashscope"),
    turns: new ProviderTurns(new UnitOfWork(database, log)),
    allowInsecureUrls: true,
  });
const asked = (what: string) =>
  stubs.requests("dashscope").filter(({ path }) => path.includes(what)).length;
const fail = (request: StickerRequest) => failure(maker().make(request), [STUB_DASHSCOPE.apiKey]);

test("finds the face, makes the film and brings it home with a still", async () => {
  const { request, sessions } = job();
  const sticker = await maker().make(request);
  expect(Buffer.from(sticker.file)).toEqual(STICKER_FILM);
  expect(sticker).toMatchObject({ contentType: "video/mp4", width: 512, durationMs: 2_000 });
  expect(await sharp(sticker.poster).metadata()).toMatchObject({ format: "webp", width: 512 });
  expect(sessions.map(({ step }) => step)).toEqual(["DETECTED", "CREATING", "CREATED"]);
  const created = stubs.requests("dashscope").find(({ path }) => path.includes(CREATE));
  expect(created?.headers["x-dashscope-async"]).toBe("enable");
  expect(created?.json.input).toEqual({
    image_url: "https://files.example/source.jpg",
    driven_id: "mengwa_kaixin",
    face_bbox: [20, 20, 80, 80],
    ext_bbox: [5, 5, 95, 95],
  });
});

test("goes on with the task that an earlier attempt created", async () => {
  const first = job();
  await maker().make(first.request);
  await maker().make(job(JSON.stringify(first.sessions.at(-1))).request);
  expect([asked(DETECT), asked(CREATE)]).toEqual([1, 1]);
});

test("creates nothing again when nobody knows whether it was created", async () => {
  const around = { face: [1, 1, 9, 9], around: [0, 0, 9, 9] };
  const lost = await fail(job(JSON.stringify({ step: "CREATING", ...around })).request);
  expect(lost).toMatchObject({ outcome: "unknown", code: "PROVIDER_ANSWER_LOST" });
  expect(stubs.requests("dashscope")).toEqual([]);
});

test("one task at a time for the whole account", async () => {
  const jobs = ["emj_1", "emj_2", "emj_3"].map((id) => maker().make(job(null, id).request));
  await Promise.all(jobs);
  let created = 0;
  const polled: { task: string | undefined; whenCreated: number }[] = [];
  const firstTask = stubs.requests("dashscope").find(({ path }) => path.includes(TASK))?.path;
  const before = Number(/(\d+)$/.exec(firstTask ?? "")?.[1]) - 1;
  for (const { path } of stubs.requests("dashscope")) {
    if (path.includes(CREATE)) created += 1;
    if (path.includes(TASK)) polled.push({ task: path, whenCreated: created });
  }
  expect(created).toBe(3);
  for (const { task, whenCreated } of polled) {
    expect(task).toMatch(new RegExp(`task-${before + whenCreated}$`));
  }
});

describe("a picture that will not do", () => {
  test.each([
    ["InvalidFile.NoHuman", "NO_FACE"],
    ["InvalidFile.MultiHuman", "MULTIPLE_FACES"],
    ["InvalidFile.FacePose", "FACE_TILTED"],
    ["InvalidFile.Novelty", "IMAGE_REFUSED"],
  ])("%s, told with status 200, is %s", async (code, expected) => {
    stubs.script("dashscope", { match: DETECT, body: { output: { code, message: "" } } });
    const refused = await fail(job().request);
    expect(refused).toMatchObject({ outcome: "refused_input", code: expected });
    expect(asked(CREATE)).toBe(0);
  });
});

describe("an account that cannot pay is not asked again", () => {
  test.each([
    [400, "Arrearage"],
    [429, "PostpaidBillOverdue"],
    [429, "CommodityNotPurchased"],
    [403, "AllocationQuota.FreeTierOnly"],
  ])("%s %s", async (status, code) => {
    stubs.script("dashscope", {
      match: CREATE,
      status,
      body: { code, message: "", request_id: "r" },
    });
    expect(await fail(job().request)).toMatchObject({ outcome: "misconfigured" });
  });
});

describe("faults of detection cost nothing", () => {
  test.each(everyFault("retryable"))("$name", async ({ behaviour, expected }) => {
    stubs.script("dashscope", { ...behaviour, match: DETECT });
    expect(await fail(job().request)).toMatchObject(expected);
  });
});

describe("faults of creation", () => {
  test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
    stubs.script("dashscope", { ...behaviour, match: CREATE });
    const { request, sessions } = job();
    const fault = await fail(request);
    const lost = expected.outcome === "unknown";
    expect(fault).toMatchObject(lost ? { code: "PROVIDER_ANSWER_LOST" } : expected);
    // What was refused may be asked for again; what may have been done may not.
    expect(sessions.at(-1).step).toBe(lost ? "CREATING" : "DETECTED");
    expect(asked(CREATE)).toBeLessThanOrEqual(1);
  });
});

test("a task that failed for a while may be made anew, one that the picture failed may not", async () => {
  const end = (code: string) => ({
    match: TASK,
    body: { output: { task_id: "t", task_status: "FAILED", code, message: "" } },
  });
  stubs.script("dashscope", end("InternalError.Algo"));
  const first = job();
  expect(await fail(first.request)).toMatchObject({ outcome: "retryable" });
  expect(first.sessions.at(-1).step).toBe("DETECTED");
  stubs.script("dashscope", end("InvalidFile.FullFace"));
  expect(await fail(job().request)).toMatchObject({ code: "FACE_INCOMPLETE" });
});

test("results come from the provider's own store alone", async () => {
  const strict = new DashScopeStickerMaker({
    baseUrl: `${stubs.url}/dashscope/api/v1`,
    apiKey: STUB_DASHSCOPE.apiKey,
    timeoutMs: TIMEOUT_MS,
    pollMs: 10,
    guard: plainGuard("dashscope"),
    turns: new ProviderTurns(new UnitOfWork(database, log)),
  });
  const refused = await failure(strict.make(job().request), [STUB_DASHSCOPE.apiKey]);
  expect(refused).toMatchObject({ code: "PROVIDER_BAD_ANSWER" });
});
