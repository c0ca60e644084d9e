import { expect, test } from "@jest/globals";
import { crashCourse } from "../../support/crash-course.ts";

test("workers killed at work lose nothing, store nothing twice and pay for nothing twice", async () => {
  const report = await crashCourse({ jobs: 40, kills: 2, workers: 2, workMs: 800 });
  expect(report).toMatchObject({ succeeded: 40, trophies: 40, paidTwice: 0 });
  expect(report.interrupted).toBeGreaterThan(0);
  expect(report.takeoverMs.p95).toBeLessThan(2_500);
}, 60_000);
