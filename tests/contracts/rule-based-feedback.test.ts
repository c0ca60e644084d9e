import { expect, test } from "@jest/globals";
import type { FeedbackRequest } from "../../src/integrations/openai/feedback.ts";
import { RuleBasedFeedbackWriter } from "../../src/integrations/openai/local/rule-based-feedback-writer.ts";

const METRICS = {
  overallSkinHealthScore: 66,
  hydration: 50,
  acne: 72,
  redness: 61.4,
  radiance: 90,
  firmness: null,
};
const KHMER = /\p{Script=Khmer}/u;
const write = (
  change: Partial<FeedbackRequest> = {},
  metrics: Record<string, number | null> = METRICS,
) =>
  new RuleBasedFeedbackWriter().write({
    reading: { metrics, skinType: null, skinTone: null, concerns: [], acneDetail: null },
    previous: null,
    notes: null,
    concerns: [],
    language: "EN",
    userHash: "hash",
    signal: new AbortController().signal,
    ...change,
  });

test("names the score, the best and the weakest point, and advises on the weakest", async () => {
  const feedback = await write();
  expect(feedback.summary).toContain("66 of 100");
  expect(feedback.summary).toMatch(/strongest point is radiance \(90\)/);
  expect(feedback.summary).toMatch(/most attention is hydration \(50\)/);
  expect(feedback.improvements).toEqual([]);
  expect(feedback.recommendedIngredients).toEqual(
    expect.arrayContaining(["Hyaluronic Acid", "Salicylic Acid"]),
  );
  expect(feedback.actions.at(-1)).toMatch(/sunscreen/);
  expect(await write()).toEqual(feedback);
});

test("compares with the previous reading; a change of light is no improvement", async () => {
  const previous = {
    metrics: { overallSkinHealthScore: 60, acne: 60, hydration: 49, redness: 70 },
  };
  const feedback = await write({ previous });
  expect(feedback.summary).toContain("6 points more");
  expect(feedback.improvements).toEqual([
    "Better than last time: clearness from acne, from 60 to 72.",
  ]);
  const worse = await write({ previous: { metrics: { overallSkinHealthScore: 70 } } });
  expect(worse.summary).toContain("4 points less");
});

test("writes Khmer with the same figures", async () => {
  const feedback = await write({
    language: "KH",
    previous: { metrics: { acne: 60, overallSkinHealthScore: 60 } },
  });
  for (const text of [feedback.summary, ...feedback.actions, ...feedback.improvements])
    expect(text).toMatch(KHMER);
  expect(feedback.summary).toContain("66");
  expect((await write()).summary).not.toMatch(KHMER);
});

test("minds what the person said", async () => {
  const aged = { fineLinesWrinkles: 40, firmness: 45 };
  expect((await write({}, aged)).recommendedIngredients).toContain("Retinol");
  for (const notes of ["I am pregnant", "ខ្ញុំមានផ្ទៃពោះ"]) {
    const careful = await write({ notes }, aged);
    expect(careful.recommendedIngredients).not.toContain("Retinol");
    expect(careful.ingredientsToAvoid).toContain("Retinol");
    expect(careful.actions.join()).not.toContain("retinol");
  }
  expect((await write({ notes: "allergic to perfume" })).ingredientsToAvoid).toContain("Fragrance");
  const caring = await write(
    { concerns: ["ACNE"] },
    { hydration: 60, redness: 58, smoothness: 59, acne: 70 },
  );
  expect(caring.actions[0]).toMatch(/salicylic/);
});

test("a severe finding sends to a doctor; nothing measured is said so; good skin gets no list", async () => {
  const reading = {
    metrics: METRICS,
    skinType: null,
    skinTone: null,
    concerns: [{ concern: "ACNE", severity: "SEVERE", affectedAreas: [] }],
    acneDetail: null,
  };
  expect((await write({ reading })).actions[0]).toMatch(/dermatologist/);
  expect((await write({}, { hydration: null })).summary).toMatch(/not give enough/);
  const good = await write({}, { hydration: 92, acne: 95 });
  expect(good.recommendedIngredients).toEqual([]);
  expect(good.actions).toHaveLength(1);
});
