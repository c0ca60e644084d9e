import { expect, test } from "@jest/globals";
import { acneDetailOf, mapScores } from "../../src/integrations/orbo/orbo-mapping.ts";

const score = (concern: string, value: number, riskLevel?: number) => ({
  concern,
  score: value,
  riskLevel,
});

test("every one of ORBO's names lands where it belongs, unturned", () => {
  const { metrics } = mapScores([
    score("skin_health", 76),
    score("hydration", 11),
    score("smoothness", 12),
    score("skin_dullness", 13),
    score("dark_spots", 14),
    score("firmness", 15),
    score("face_wrinkles", 16),
    score("acne", 17),
    score("dark_circle", 18),
    score("redness", 19),
    score("uneven_skin", 1),
    score("crows_feet", 2),
  ]);
  expect(metrics).toEqual({
    overallSkinHealthScore: 76,
    hydration: 11,
    smoothness: 12,
    radiance: 13,
    darkSpots: 14,
    firmness: 15,
    fineLinesWrinkles: 16,
    acne: 17,
    darkCircles: 18,
    redness: 19,
  });
});

test("aliases win over the older names, and what is missing is null", () => {
  const { metrics, rawScores } = mapScores([
    score("radiance", 80),
    score("skin_dullness", 20),
    score("fine_lines_wrinkles", 70),
    score("dark_circles", 60),
    score("acne", 0),
  ]);
  expect(metrics).toMatchObject({ radiance: 80, fineLinesWrinkles: 70, darkCircles: 60, acne: 0 });
  expect([metrics.hydration, metrics.overallSkinHealthScore]).toEqual([null, null]);
  expect(rawScores).toEqual({
    radiance: 80,
    skin_dullness: 20,
    fine_lines_wrinkles: 70,
    dark_circles: 60,
    acne: 0,
  });
});

test("scores outside the scale are brought back to it", () => {
  expect(mapScores([score("acne", -3), score("redness", 180)]).metrics).toMatchObject({
    acne: 0,
    redness: 100,
  });
});

test("concerns follow risk and score; low risk is none", () => {
  const { concerns } = mapScores([
    score("hydration", 85, 1),
    score("acne", 66, 2),
    score("redness", 55, 3),
    score("shine", 20, 3),
    score("dark_circle", 70),
    score("firmness", 90),
    score("skin_health", 10, 3),
  ]);
  expect(concerns.map(({ concern, severity }) => `${concern} ${severity}`)).toEqual([
    "OILINESS SEVERE",
    "REDNESS MODERATE",
    "ACNE MILD",
    "DARK_CIRCLES MILD",
  ]);
  expect(concerns.at(-1)?.affectedAreas).toEqual(["UNDER_EYES"]);
  for (const { confidence } of concerns) {
    expect(confidence).toBeGreaterThanOrEqual(0.5);
    expect(confidence).toBeLessThanOrEqual(1);
  }
});

test("acne in detail needs a measured acne score", () => {
  expect(acneDetailOf([score("redness", 10)])).toBeNull();
  expect(
    acneDetailOf([score("acne", 30), score("texture", 70), score("pigmentation", 90)]),
  ).toEqual([
    { kind: "INFLAMMATORY", severity: "SEVERE", count: null, areas: [] },
    { kind: "COMEDONAL", severity: "MILD", count: null, areas: [] },
    { kind: "POST_ACNE_MARKS", severity: "NONE", count: null, areas: [] },
  ]);
});
