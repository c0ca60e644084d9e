import { gql } from "@apollo/client";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { lastValueFrom, tap } from "rxjs";
import {
  WatchSkinAnalysisDocument,
  ViewerEventsDocument,
} from "../../src/client/generated/graphql.ts";
import type { FacetClient } from "../../src/client/index.ts";
import { createWorld, portrait, type World } from "../support/world.ts";
import { fillShop, openApp, startAnalysis } from "./app-user.ts";

const STAGES = ["VALIDATING", "ANALYZING", "FEEDBACK", "RECOMMENDING", "SAVING"];

let world: World;
let app: FacetClient;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, env: { TRUSTED_DOCUMENTS: "true" } });
  await fillShop(world);
  app = await openApp(world.url);
});
afterAll(async () => {
  app.stop();
  await world.stop();
});

test("a selfie is analysed live, over a lost connection, up to products with their shelves", async () => {
  const started = await startAnalysis(app, portrait());
  expect(started).toMatchObject({ __typename: "SkinAnalysis", status: "QUEUED", progress: 0 });

  const seen: { version: number; progress: number; status: string; stage: string | null }[] = [];
  const changes = app.apollo.subscribe({
    query: WatchSkinAnalysisDocument,
    variables: { id: started.id },
  });
  const last = await lastValueFrom(
    changes.pipe(
      tap(({ data, error }) => {
        if (error) throw new Error(error.message);
        const job = data?.jobChanged.job;
        if (job) seen.push(job);
        if (seen.length === 2) app.socket.terminate();
      }),
    ),
  );

  const versions = seen.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  const progress = seen.map((each) => each.progress);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  const stages = seen.flatMap(({ stage }) => (stage === null ? [] : [STAGES.indexOf(stage)]));
  expect(stages).toEqual([...stages].sort((a, b) => a - b));

  const job = last.data?.jobChanged.job;
  if (job?.__typename !== "SkinAnalysis") throw new Error("It is not an analysis.");
  expect(job).toMatchObject({ status: "SUCCEEDED", progress: 100, failure: null });
  for (const value of Object.values(job.result?.metrics ?? {})) {
    if (typeof value !== "number") continue;
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(100);
  }
  expect(job.result?.feedback?.summary).toMatch(/\w{3}/);
  const products = job.result?.recommendedProducts ?? [];
  expect(products.length).toBeGreaterThan(0);
  for (const { product, reason } of products) {
    expect(reason).not.toBe("");
    expect(product?.categories.length).toBeGreaterThan(0);
    expect(product?.price.amount).toMatch(/^\d+\.\d{2}$/);
  }
});

test("the cache holds one analysis, which everything that came merged into", () => {
  const ids = Object.keys(app.apollo.cache.extract() as object).filter((id) =>
    id.startsWith("SkinAnalysis:"),
  );
  expect(ids).toHaveLength(1);
  const cached = app.apollo.cache.readFragment<any>({
    id: ids[0] ?? "",
    fragment: gql`
      fragment Cached on SkinAnalysis {
        status
        focus
        result {
          metrics {
            hydration
          }
        }
      }
    `,
  });
  expect(cached).toMatchObject({ status: "SUCCEEDED", focus: "GENERAL" });
  expect(cached.result.metrics.hydration).toEqual(expect.any(Number));
});

test("the feed replays the whole job to a client that comes later", async () => {
  const numbers: number[] = [];
  let moves = 0;
  let final: string | undefined;
  await new Promise<void>((resolve, reject) => {
    const subscription = app.apollo
      .subscribe({ query: ViewerEventsDocument, variables: { after: 0 } })
      .subscribe({
        next: ({ data, error }) => {
          if (error) reject(new Error(error.message));
          const event = data?.viewerEvents;
          if (!event) return;
          numbers.push(event.seq);
          if (event.__typename !== "JobEvent") return;
          moves += 1;
          final = event.job?.status;
          // Each event shows the job as it is now; the last one is the end of it.
          if (moves >= 3 && moves === event.job?.version) {
            subscription.unsubscribe();
            resolve();
          }
        },
        error: reject,
      });
  });
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(final).toBe("SUCCEEDED");
});
