import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd } from "../../support/analyses.ts";
import { STUB_S3, startStubs, type Stubs } from "../../support/stubs/index.ts";
import { createWorld, type World } from "../../support/world.ts";

let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  world = await createWorld({
    nodes: 1,
    env: {
      BLOBS_MODE: "s3",
      S3_ENDPOINT: stubs.s3Url,
      S3_FORCE_PATH_STYLE: "true",
      S3_REGION: STUB_S3.region,
      S3_BUCKET: STUB_S3.bucket,
      S3_ACCESS_KEY_ID: STUB_S3.accessKeyId,
      S3_SECRET_ACCESS_KEY: STUB_S3.secretAccessKey,
    },
  });
}, 60_000);
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

test("with an object store the app uploads to it directly and gets signed URLs of it", async () => {
  const person = await world.person();
  const id = await startAnalysis(world, person);
  expect((await watchToEnd(person, id)).at(-1)).toMatchObject({ status: "SUCCEEDED" });
  const { skinAnalysis } = await person.must(
    "query($id: ID!) { skinAnalysis(id: $id) { imageUrl result { annotations { imageUrl } } } }",
    { id },
  );
  expect(skinAnalysis.imageUrl).toContain(stubs.s3Url);
  const picture = await fetch(skinAnalysis.imageUrl);
  expect(picture.status).toBe(200);
  expect(
    Buffer.from(await picture.arrayBuffer())
      .subarray(0, 2)
      .toString("hex"),
  ).toBe("ffd8");
  const unsigned = await fetch(skinAnalysis.imageUrl.split("?")[0]);
  expect(unsigned.status).toBe(403);
});
