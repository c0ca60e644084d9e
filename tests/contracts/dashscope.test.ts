import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { STICKER_FILM, STUB_DASHSCOPE } from "../support/stubs/index.ts";
import { everyFault, failure } from "./faults.ts";
import { openStickerBed, type StickerBed } from "./sticker-bed.ts";

const DETECT = "/face-detect";
const CREATE = "/video-synthesis";
const TASK = "/tasks/";
let bed: StickerBed;
beforeAll(async () => {
  bed = await openStickerBed();
});
beforeEach(() => bed.reset());
afterAll(() => bed.close());

test("finds the face, makes the film and brings it home with a still", async () => {
  const one = bed.job();
  const sticker = await bed.make(one);
  expect(Buffer.from(sticker.file)).toEqual(STICKER_FILM);
  expect(sticker).toMatchObject({ contentType: "video/mp4", width: 512, durationMs: 2_000 });
  expect(await sharp(sticker.poster).metadata()).toMatchObject({ format: "webp", width: 512 });
  expect(one.sessions.map(({ step }) => step)).toEqual(["DETECTED", "CREATING", "CREATED"]);
  const created = bed.stubs.requests("dashscope").find(({ path }) => path.includes(CREATE));
  expect(created?.headers["x-dashscope-async"]).toBe("enable");
  expect(created?.json.input).toEqual({
    image_url: "https://files.example/source.jpg",
    driven_id: "mengwa_kaixin",
    face_bbox: [20, 20, 80, 80],
    ext_bbox: [5, 5, 95, 95],
  });
});

test("goes on with the task that an earlier attempt created", async () => {
  const first = bed.job();
  await bed.make(first);
  await bed.make(first.again());
  expect([bed.asked(DETECT), bed.asked(CREATE)]).toEqual([1, 1]);
});

test("creates nothing again when nobody knows whether it was created", async () => {
  const around = { face: [1, 1, 9, 9], around: [0, 0, 9, 9] };
  const lost = await bed.fail(bed.job(JSON.stringify({ step: "CREATING", ...around })));
  expect(lost).toMatchObject({ outcome: "unknown", code: "PROVIDER_ANSWER_LOST" });
  expect(bed.stubs.requests("dashscope")).toEqual([]);
});

describe("a picture that will not do", () => {
  test.each([
    ["InvalidFile.NoHuman", "NO_FACE"],
    ["InvalidFile.MultiHuman", "MULTIPLE_FACES"],
    ["InvalidFile.FacePose", "FACE_TILTED"],
    ["InvalidFile.Novelty", "IMAGE_REFUSED"],
  ])("%s, told with status 200, is %s", async (code, expected) => {
    bed.stubs.script("dashscope", { match: DETECT, body: { output: { code, message: "" } } });
    const refused = await bed.fail(bed.job());
    expect(refused).toMatchObject({ outcome: "refused_input", code: expected });
    expect(bed.asked(CREATE)).toBe(0);
  });
});

describe("an account that cannot pay is not asked again", () => {
  test.each([
    [400, "Arrearage"],
    [429, "PostpaidBillOverdue"],
    [429, "CommodityNotPurchased"],
    [403, "AllocationQuota.FreeTierOnly"],
  ])("%s %s", async (status, code) => {
    bed.stubs.script("dashscope", {
      match: CREATE,
      status,
      body: { code, message: "", request_id: "r" },
    });
    expect(await bed.fail(bed.job())).toMatchObject({ outcome: "misconfigured" });
  });
});

describe("faults of detection cost nothing", () => {
  test.each(everyFault("retryable"))("$name", async ({ behaviour, expected }) => {
    bed.stubs.script("dashscope", { ...behaviour, match: DETECT });
    expect(await bed.fail(bed.job())).toMatchObject(expected);
  });
});

describe("faults of creation", () => {
  test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
    bed.stubs.script("dashscope", { ...behaviour, match: CREATE });
    const one = bed.job();
    const fault = await bed.fail(one);
    // Only a refusal and a throttle are surely no beginning.
    const lost =
      expected.outcome === "unknown" ||
      (expected.outcome === "retryable" && behaviour.status !== 429);
    expect(fault).toMatchObject(lost ? { code: "PROVIDER_ANSWER_LOST" } : expected);
    // What was refused may be asked for again; what may have been done may not.
    expect(one.sessions.at(-1).step).toBe(lost ? "CREATING" : "DETECTED");
    expect(bed.asked(CREATE)).toBeLessThanOrEqual(1);
  });
});

test("a task that failed for a while may be made anew, one that the picture failed may not", async () => {
  const end = (code: string) => ({
    match: TASK,
    body: { output: { task_id: "t", task_status: "FAILED", code, message: "" } },
  });
  bed.stubs.script("dashscope", end("InternalError.Algo"));
  const first = bed.job();
  expect(await bed.fail(first)).toMatchObject({ outcome: "retryable" });
  expect(first.sessions.at(-1).step).toBe("DETECTED");
  bed.stubs.script("dashscope", end("InvalidFile.FullFace"));
  expect(await bed.fail(bed.job())).toMatchObject({ code: "FACE_INCOMPLETE" });
});

test("results come from the provider's own store alone", async () => {
  const strict = bed.maker({ isStrict: true }).make(bed.job().request);
  const refused = await failure(strict, [STUB_DASHSCOPE.apiKey]);
  expect(refused).toMatchObject({ code: "PROVIDER_BAD_ANSWER" });
});

describe("how a task may end at the provider", () => {
  test("canceled there, it is made anew", async () => {
    const state = { task_id: "t", task_status: "CANCELED" };
    bed.stubs.script("dashscope", { match: TASK, body: { request_id: "r", output: state } });
    const one = bed.job();
    expect(await bed.fail(one)).toMatchObject({ outcome: "retryable" });
    await bed.make(one.again());
    expect([bed.asked(DETECT), bed.asked(CREATE)]).toEqual([1, 2]);
  });

  test("unknown for a moment, it is waited for", async () => {
    const state = { task_id: "t", task_status: "UNKNOWN" };
    bed.stubs.script("dashscope", {
      match: TASK,
      body: { request_id: "r", output: state },
      times: 3,
    });
    await bed.make(bed.job());
    expect(bed.asked(CREATE)).toBe(1);
  });

  test("unknown for good, it is lost, and not made again", async () => {
    const state = { task_id: "t", task_status: "UNKNOWN" };
    bed.stubs.script("dashscope", {
      match: TASK,
      body: { request_id: "r", output: state },
      times: 99,
    });
    const one = bed.job();
    expect(await bed.fail(one)).toMatchObject({ code: "PROVIDER_ANSWER_LOST" });
    expect(one.sessions.at(-1).step).toBe("CREATED");
  });

  test("still running after an hour, it is canceled and lost", async () => {
    const first = bed.job();
    await bed.make(first);
    const state = { task_id: "t", task_status: "RUNNING" };
    bed.stubs.script("dashscope", { match: TASK, body: { request_id: "r", output: state } });
    const old = { ...first.sessions.at(-1), createdAtMs: Date.now() - 61 * 60_000 };
    const late = await bed.fail(bed.job(JSON.stringify(old)));
    expect(late).toMatchObject({ code: "PROVIDER_ANSWER_LOST" });
    expect(bed.asked("/cancel")).toBe(1);
  });

  test.each([403, 404])("with a film that is gone (%s), it is lost", async (status) => {
    bed.stubs.script("dashscope", { match: "/result/", status });
    expect(await bed.fail(bed.job())).toMatchObject({ code: "PROVIDER_ANSWER_LOST" });
  });
});
