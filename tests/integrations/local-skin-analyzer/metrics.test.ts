import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Sharp } from "sharp";
import { FaceDetector } from "../../../src/platform/faces/face-detector.ts";
import { LocalSkinAnalyzer } from "../../../src/integrations/orbo/local/local-skin-analyzer.ts";
import { METRICS, type SkinReading } from "../../../src/integrations/orbo/skin-reading.ts";
import { analyze, jpeg, painted, portrait, spots } from "./portraits.ts";

const faces = new FaceDetector();
const analyzer = new LocalSkinAnalyzer(faces);
let plain: SkinReading;

beforeAll(async () => {
  plain = await read(portrait());
});
afterAll(async () => {
  await analyzer.close();
  await faces.close();
});

async function read(picture: Sharp, focus: "GENERAL" | "ACNE" = "GENERAL"): Promise<SkinReading> {
  return analyze(analyzer, await jpeg(picture), { focus });
}

function scores(reading: SkinReading): Record<string, number> {
  return Object.fromEntries(METRICS.map((metric) => [metric, reading.metrics[metric] ?? NaN]));
}

describe("altered pictures change the metric they should", () => {
  test("redder skin lowers the redness score and raises a concern", async () => {
    const reading = await read(portrait().linear([1.12, 0.93, 0.93], [0, 0, 0]));
    expect(scores(reading).redness).toBeLessThan((scores(plain).redness ?? 0) - 20);
    expect(reading.concerns.map(({ concern }) => concern)).toContain("REDNESS");
  });

  test("a slight blur raises smoothness and takes fine lines away", async () => {
    const reading = await read(portrait().blur(0.8));
    expect(scores(reading).smoothness).toBeGreaterThan(scores(plain).smoothness ?? 100);
    expect(scores(reading).fineLinesWrinkles).toBeGreaterThan(
      scores(plain).fineLinesWrinkles ?? 100,
    );
  });

  test("painted brown spots lower the dark spot score", async () => {
    const reading = await read(painted(spots("rgb(150,105,80)")));
    expect(scores(reading).darkSpots).toBeLessThan((scores(plain).darkSpots ?? 0) - 10);
  });

  test("painted red spots lower the acne score and are counted as inflamed", async () => {
    const reading = await read(painted(spots("rgb(220,105,100)")), "ACNE");
    expect(scores(reading).acne).toBeLessThan((scores(plain).acne ?? 0) - 20);
    const inflamed = reading.acneDetail?.find(({ kind }) => kind === "INFLAMMATORY");
    expect(inflamed?.count).toBeGreaterThanOrEqual(6);
    expect(inflamed?.areas).toEqual(expect.arrayContaining(["LEFT_CHEEK", "RIGHT_CHEEK", "CHIN"]));
  });

  test("shade under the eyes lowers the dark circle score", async () => {
    const shade = [203, 248]
      .map((x) => `<ellipse cx="${x}" cy="113" rx="11" ry="5" fill="rgba(60,45,70,0.5)"/>`)
      .join("");
    const reading = await read(painted(shade));
    expect(scores(reading).darkCircles).toBeLessThan((scores(plain).darkCircles ?? 0) - 20);
    const circles = reading.concerns.find(({ concern }) => concern === "DARK_CIRCLES");
    expect(circles?.affectedAreas).toEqual(["UNDER_EYES"]);
  });

  test("a brighter picture raises radiance, a darker one lowers it", async () => {
    const brighter = await read(portrait().linear(1.08, 0));
    const darker = await read(portrait().linear(0.7, 0));
    expect(scores(brighter).radiance).toBeGreaterThan(scores(plain).radiance ?? 100);
    expect(scores(darker).radiance).toBeLessThan(scores(plain).radiance ?? 0);
  });

  test("noise like flakes lowers hydration", async () => {
    const flakes = Array.from({ length: 900 }, (_, i) => {
      const [x, y] = [185 + ((i * 37) % 80), 80 + ((i * 53) % 95)];
      return `<rect x="${x}" y="${y}" width="1" height="1" fill="rgba(255,255,255,0.55)"/>`;
    });
    const reading = await read(painted(flakes.join("")));
    expect(scores(reading).hydration).toBeLessThan((scores(plain).hydration ?? 0) - 10);
  });

  test("deeper folds beside the mouth lower firmness", async () => {
    const folds = `<g stroke="rgba(90,50,40,0.7)" stroke-width="2.5" fill="none">
      <path d="M210 133 L199 146"/><path d="M240 133 L251 146"/></g>`;
    const reading = await read(painted(folds));
    expect(scores(reading).firmness).toBeLessThan(scores(plain).firmness ?? 0);
  });
});

test("all ten metrics are whole numbers from 0 to 100", () => {
  for (const score of Object.values(scores(plain))) {
    expect(Number.isInteger(score)).toBe(true);
    expect(score).toBeGreaterThanOrEqual(0);
    expect(score).toBeLessThanOrEqual(100);
  }
});

test("the same picture gives the same reading", async () => {
  expect(await read(portrait())).toEqual(plain);
});

test("a larger picture of the same face gives a like reading", async () => {
  const larger = await read(portrait().resize(1024));
  for (const metric of ["redness", "darkCircles", "radiance", "acne"] as const) {
    expect(Math.abs((larger.metrics[metric] ?? 0) - (plain.metrics[metric] ?? 0))).toBeLessThan(15);
  }
  expect(larger.skinTone).toBe(plain.skinTone);
});
