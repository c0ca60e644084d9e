import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ANALYZE, startAnalysis, watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { largeColumnsReadBy } from "../../support/large-columns.ts";
import { until } from "../../support/until.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.openShop();
}, 60_000);
afterAll(() => world.stop());

const RESULT = /* GraphQL */ `
  query Result($id: ID!) {
    skinAnalysis(id: $id) {
      id
      status
      focus
      imageUrl
      result {
        metrics {
          overallSkinHealthScore
          hydration
          smoothness
          radiance
          darkSpots
          firmness
          fineLinesWrinkles
          acne
          darkCircles
          redness
        }
        feedback {
          summary
          actions
        }
        recommendedProducts {
          priority
          reason
          product {
            id
            name
            categories {
              name
            }
          }
        }
        annotations {
          concern
          imageUrl
        }
        warnings {
          part
          code
        }
      }
    }
  }
`;

const usedOf = async (person: TestClient): Promise<number> =>
  (await person.must("{ viewer { usage { used } } }")).viewer.usage[0].used;

test("a selfie is analysed, and a watcher at the other node sees every step in order", async () => {
  const ada = await world.person();
  const id = await startAnalysis(world, ada, { focus: "ACNE", concerns: ["REDNESS"] });
  const seen = await watchToEnd(ada.at(world.nodes[1]!.url), id);

  expect(seen.at(-1)).toMatchObject({
    __typename: "SkinAnalysis",
    status: "SUCCEEDED",
    progress: 100,
  });
  const versions = seen.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(new Set(seen.map(({ stage }) => stage))).toContain("ANALYZING");

  const { skinAnalysis } = await ada.must(RESULT, { id });
  const values = Object.values<number>(skinAnalysis.result.metrics);
  expect(values).toHaveLength(10);
  for (const value of values) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(100);
  }
  expect(skinAnalysis.result.feedback.summary).toContain(
    String(skinAnalysis.result.metrics.overallSkinHealthScore),
  );
  expect(skinAnalysis.result.recommendedProducts.length).toBeGreaterThan(3);
  expect(skinAnalysis.result.warnings).toEqual([{ part: "WEB_FINDS", code: "NOTHING_FOUND" }]);
  for (const url of [skinAnalysis.imageUrl, skinAnalysis.result.annotations[0].imageUrl]) {
    const picture = await fetch(url);
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
  }
});

test("the same key answers the same analysis and counts once; other input is a mismatch", async () => {
  const bea = await world.person();
  const uploadId = await world.upload(bea, portrait());
  const input = { uploadId, idempotencyKey: "tap-1" };
  const other = bea.at(world.nodes[1]!.url);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? bea : other).must(ANALYZE, { input })),
  );
  const ids = new Set(answers.map(({ analyzeSkin }) => analyzeSkin.skinAnalysis?.id));
  expect(ids.size).toBe(1);
  expect(answers.flatMap(({ analyzeSkin }) => analyzeSkin.problems)).toEqual([]);
  expect(await usedOf(bea)).toBe(1);

  const mismatch = await bea.send(ANALYZE, { input: { ...input, notes: "now with a note" } });
  expect(mismatch.errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_MISMATCH");
  expect(await usedOf(bea)).toBe(1);
});

test("a picture without a face fails with NO_FACE and gives the quota back; retrying makes no sense", async () => {
  const cup = await world.person();
  const sharp = (await import("sharp")).default;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="640"><rect width="640" height="640" fill="#cde"/><ellipse cx="320" cy="380" rx="150" ry="160" fill="#a65"/><rect x="170" y="200" width="300" height="180" fill="#a65"/></svg>`;
  const uploadId = await world.upload(cup, await sharp(Buffer.from(svg)).png().toBuffer());
  const { analyzeSkin } = await cup.must(ANALYZE, { input: { uploadId } });
  const last = (await watchToEnd(cup, analyzeSkin.skinAnalysis.id)).at(-1);
  expect(last).toMatchObject({ status: "FAILED", failure: { code: "NO_FACE", canRetry: false } });
  expect(await usedOf(cup)).toBe(0);
});

test("progress, comparison and acne over time come from finished analyses only", async () => {
  const cleo = await world.person();
  const first = await startAnalysis(world, cleo);
  await watchToEnd(cleo, first);
  const second = await startAnalysis(world, cleo, { focus: "ACNE" });
  await watchToEnd(cleo, second);
  const { viewer } = await cleo.must(
    /* GraphQL */ `
      query Progress($a: ID!, $b: ID!) {
        viewer {
          skinAnalyses(first: 1) {
            nodes {
              id
            }
            pageInfo {
              hasNextPage
            }
          }
          skinProgress(metric: HYDRATION) {
            points {
              value
              analysis {
                id
              }
            }
            change
            trend
          }
          acneSeverity {
            score
            findings {
              kind
            }
          }
          skinComparison(a: $b, b: $a) {
            earlier {
              id
            }
            later {
              id
            }
            sameMethod
            metrics {
              metric
              earlier
              later
              change
            }
          }
        }
      }
    `,
    { a: first, b: second },
  );
  expect(viewer.skinAnalyses).toEqual({ nodes: [{ id: second }], pageInfo: { hasNextPage: true } });
  expect(viewer.skinProgress.points.map((point: any) => point.analysis.id)).toEqual([
    first,
    second,
  ]);
  expect(viewer.skinProgress).toMatchObject({ change: 0, trend: "STEADY" });
  expect(viewer.acneSeverity.map((point: any) => point.findings === null)).toEqual([true, false]);
  expect(viewer.skinComparison).toMatchObject({
    earlier: { id: first },
    later: { id: second },
    sameMethod: true,
  });
  expect(viewer.skinComparison.metrics).toHaveLength(10);
});

test("a deleted analysis is gone with its document and its pictures", async () => {
  const dora = await world.person();
  const id = await startAnalysis(world, dora);
  await watchToEnd(dora, id);
  const { skinAnalysis } = await dora.must(RESULT, { id });
  const { deleteSkinAnalysis } = await dora.must(
    "mutation($input: DeleteSkinAnalysisInput!) { deleteSkinAnalysis(input: $input) { deletedId problems { code } } }",
    { input: { id } },
  );
  expect(deleteSkinAnalysis).toEqual({ deletedId: id, problems: [] });
  expect((await dora.must(RESULT, { id })).skinAnalysis).toBeNull();
  const { mongo } = world.nodes[0]!.stores;
  await until(
    async () =>
      (await mongo.db.collection("skin_analyses").countDocuments({ _id: id as never })) === 0,
  );
  await until(async () => (await fetch(skinAnalysis.imageUrl)).status === 404);
});

test("products of analyses cost the same number of statements for 1 and for 50, and no texts that nobody asks for", async () => {
  const eve = await world.person();
  const id = await startAnalysis(world, eve);
  await watchToEnd(eve, id);
  await cloneAnalyses(id, 49);
  const query = (first: number) =>
    `{ viewer { skinAnalyses(first: ${first}) { nodes { id status queuePosition result { recommendedProducts { product { id categories { id } images { url } } } } } } } }`;
  const one = await statementsOf(() => eve.must(query(1)));
  const fifty = await statementsOf(() => eve.must(query(50)));
  expect(fifty.data.viewer.skinAnalyses.nodes).toHaveLength(50);
  expect(fifty.statements).toBe(one.statements);

  const readBy = async (product: string) => {
    const { database } = world.nodes[0]!.stores;
    const shown = `{ viewer { skinAnalyses { nodes { result { recommendedProducts { product { ${product} } } } } } } }`;
    return (await largeColumnsReadBy(database, () => eve.must(shown))).columns;
  };
  expect(await readBy("id name price { amount }")).toEqual([]);
  expect(await readBy("name shortDescription")).toEqual(["short_description_en"]);
});

/** Copies a finished analysis, so that a user has many without analysing many pictures. */
async function cloneAnalyses(id: string, count: number): Promise<void> {
  const { database, ids, mongo } = world.nodes[0]!.stores;
  const copies = Array.from({ length: count }, () => ids.next("ana"));
  await database.query(
    `insert into ai_jobs (id, user_id, kind, status, stage, progress, version, input, attempts, slot, started_at, finished_at)
     select copy, user_id, kind, status, stage, progress, version, input, attempts, slot, started_at, finished_at
     from ai_jobs, unnest($2::text[]) copy where id = $1`,
    [id, copies],
  );
  const documents = mongo.db.collection<{ _id: string }>("skin_analyses");
  const original = (await documents.findOne({ _id: id }))!;
  await documents.insertMany(copies.map((_id) => ({ ...original, _id })));
}

/** Runs one operation at the first node and tells how many statements that node counted for it. */
async function statementsOf(work: () => Promise<any>): Promise<{ data: any; statements: number }> {
  const read = async () => {
    const text = await world.nodes[0]!.metrics.registry.metrics();
    const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
    return sums.reduce((sum, match) => sum + Number(match[1]), 0);
  };
  const before = await read();
  const data = await work();
  return { data, statements: (await read()) - before };
}
