import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { FaceDetector } from "../../../src/platform/faces/face-detector.ts";
import { LocalSkinAnalyzer } from "../../../src/integrations/orbo/local/local-skin-analyzer.ts";
import { analyze, jpeg, painted, portrait, spots } from "./portraits.ts";

const faces = new FaceDetector();
const analyzer = new LocalSkinAnalyzer(faces);
let image: Uint8Array;

beforeAll(async () => {
  image = await jpeg(portrait());
});
afterAll(async () => {
  await analyzer.close();
  await faces.close();
});

test("reports who measured, with raw scores, skin type and tone", async () => {
  const reading = await analyze(analyzer, image);
  expect(reading).toMatchObject({
    provider: "local",
    mappingVersion: "local-1",
    acneDetail: null,
    skinTone: expect.stringMatching(/LIGHT|INTERMEDIATE/),
  });
  expect(reading.skinType?.confidence).toBeGreaterThan(0);
  expect(reading.skinType?.confidence).toBeLessThanOrEqual(0.8);
  expect(Object.values(reading.rawScores).every(Number.isFinite)).toBe(true);
});

test("progress rises to one", async () => {
  const fractions: number[] = [];
  await analyze(analyzer, image, {
    onProgress: (fraction) => {
      fractions.push(fraction);
    },
  });
  expect(fractions).toEqual(fractions.toSorted((one, other) => one - other));
  expect(fractions.length).toBeGreaterThan(3);
  expect(fractions.at(-1)).toBe(1);
});

test("marks what it found in small JPEGs", async () => {
  const reading = await analyze(analyzer, await jpeg(painted(spots("rgb(220,105,100)"))), {
    focus: "ACNE",
  });
  expect(reading.acneDetail?.map(({ kind }) => kind)).toEqual([
    "INFLAMMATORY",
    "COMEDONAL",
    "POST_ACNE_MARKS",
  ]);
  const acne = reading.annotations.find(({ concern }) => concern === "ACNE");
  expect(acne?.contentType).toBe("image/jpeg");
  expect(await sharp(acne?.image).metadata()).toMatchObject({ format: "jpeg", width: 320 });
  expect(acne?.image.length).toBeLessThan(60_000);
});

test("stops when aborted, before and while it runs", async () => {
  const reason = new Error("no longer wanted");
  await expect(analyze(analyzer, image, { signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
  const abort = new AbortController();
  const running = analyze(analyzer, image, {
    signal: abort.signal,
    onProgress: () => {
      abort.abort(reason);
    },
  });
  await expect(running).rejects.toBe(reason);
  await expect(analyze(analyzer, image)).resolves.toMatchObject({ provider: "local" });
});

test("leaves the event loop free", async () => {
  await analyze(analyzer, image);
  const delays: number[] = [];
  for (let run = 0; run < 3; run++) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await analyze(analyzer, image);
    delay.disable();
    delays.push(delay.max / 1e6);
  }
  // The least of three, because other processes take the processor away at times.
  expect(Math.min(...delays)).toBeLessThan(50);
});

test("a detector answers each call, also after one that failed, until it is closed", async () => {
  const detector = new FaceDetector();
  const { data, info } = await portrait().raw().toBuffer({ resolveWithObject: true });
  const signal = AbortSignal.timeout(20_000);
  const find = () => detector.detect(data, info.width, info.height, signal);
  const [face] = await find();
  expect(face?.landmarks).toHaveLength(68);
  await expect(detector.detect(data.subarray(0, 300), 100, 100, signal)).rejects.toThrow("shape");
  const [one, other] = await Promise.all([find(), find()]);
  expect(one).toEqual(other);
  await detector.close();
  await expect(find()).rejects.toThrow("closed");
});
