import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { PictureJobs } from "../../../src/domains/identity/index.ts";
import { PublicDownload } from "../../../src/platform/http/public-download.ts";
import { startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";
import {
  CREATE,
  create,
  creditsOf,
  openSalon,
  replicateEnv,
  rich,
  someStyle,
  TRY_ON,
  tryOn,
  uploadFor,
  watched,
} from "./try-on-bed.ts";

let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  world = await createWorld({ nodes: 1, env: replicateEnv(stubs) });
  await openSalon(world);
}, 60_000);
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

test.each([
  ["http://example.com/me.jpg", "plain HTTP"],
  ["https://127.0.0.1/me.jpg", "this machine"],
  ["https://localhost/me.jpg", "this machine by name"],
  ["https://169.254.169.254/latest/meta-data", "the cloud's own address"],
  ["https://[::1]/me.jpg", "this machine in IPv6"],
  ["https://[::ffff:10.0.0.1]/me.jpg", "a private address in disguise"],
  ["https://10.1.2.3:8080/me.jpg", "a private address"],
  ["https://user:secret@example.com/me.jpg", "a password"],
  ["file:///etc/passwd", "a file"],
  ["me", "nothing"],
])("%s (%s) is not fetched", async (inputImageUrl) => {
  const person = await rich(world);
  const { hairTryOn, problems } = await create(world, person, { inputImageUrl });
  expect(hairTryOn).toBeNull();
  expect(problems).toMatchObject([
    { code: "IMAGE_URL_FORBIDDEN", path: ["input", "inputImageUrl"] },
  ]);
  expect(await creditsOf(person)).toEqual({ balance: 10, held: 0 });
});

test("a picture from the web is cleaned and kept; one that leads to another place is judged there", async () => {
  const picture = await sharp(portrait())
    .resize(80)
    .withExif({ IFD0: { Copyright: "Ada" } })
    .jpeg()
    .toBuffer();
  const web = createServer((request, response) => {
    if (request.url === "/away") {
      response.writeHead(302, { location: "https://169.254.169.254/" }).end();
    } else if (request.url === "/text") response.end("hello");
    else response.end(picture);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const { port } = web.address() as AddressInfo;
  const { parts, providers } = world.nodes[0]!;
  const downloads = new PublicDownload({
    maxBytes: 1_000_000,
    timeoutMs: 5_000,
    protocols: ["http:", "https:"],
    allows: (address, itsPort) => address === "127.0.0.1" && itsPort === port,
  });
  const pictures = new PictureJobs({
    ...parts,
    uploads: parts.identity.uploads,
    blobs: providers.blobs,
    downloads,
    imageJobs: { name: "image-jobs", points: 10, windowSeconds: 60 },
  });
  const job = { id: "hto_1", signal: new AbortController().signal };
  const from = (path: string) => {
    const imageUrl = `http://127.0.0.1:${port}${path}`;
    return {
      key: `tryon/of${path.replace("/", "-")}.jpg`,
      sourceKey: null,
      uploadId: null,
      imageUrl,
    };
  };
  try {
    const clean = await pictures.picture(job, from("/me"));
    expect(await sharp(clean).metadata()).toMatchObject({ format: "jpeg", width: 80 });
    expect((await sharp(clean).metadata()).exif).toBeUndefined();
    expect(await providers.blobs.head("tryon/of-me.jpg")).not.toBeNull();
    await expect(pictures.picture(job, from("/away"))).rejects.toMatchObject({
      outcome: "refused_input",
      code: "IMAGE_URL_FORBIDDEN",
    });
    await expect(pictures.picture(job, from("/text"))).rejects.toMatchObject({
      outcome: "refused_input",
      code: "UNSUPPORTED_IMAGE_TYPE",
    });
  } finally {
    await new Promise((resolve) => web.close(resolve));
  }
});

test("what contradicts itself, is unknown or too dear is refused, and the upload stays", async () => {
  const person = await rich(world, 1);
  const uploadId = await uploadFor(world, person);
  const hairstyleId = await someStyle(person);
  for (const wrong of [
    { uploadId, inputImageUrl: "https://example.com/me.jpg", views: ["FRONT"] },
    { views: ["FRONT"] },
    { uploadId, views: [] },
    { uploadId, views: ["FRONT", "FRONT"] },
  ]) {
    const { errors } = await person.send(CREATE, { input: { hairstyleId, ...wrong } });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  }
  const problemsOf = async (input: object) =>
    (await create(world, person, { uploadId, ...input })).problems;
  expect(await problemsOf({ hairstyleId: "hst_0000000000000" })).toMatchObject([
    { code: "HAIRSTYLE_NOT_FOUND", path: ["input", "hairstyleId"] },
  ]);
  expect(await problemsOf({})).toMatchObject([
    { code: "INSUFFICIENT_CREDITS", needed: 2, available: 1 },
  ]);
  const selfie = await world.upload(person, portrait());
  expect(await problemsOf({ uploadId: selfie })).toMatchObject([{ code: "UPLOAD_WRONG_PURPOSE" }]);
  const { hairTryOn } = await create(world, person, { uploadId, views: ["FRONT"] });
  expect((await watched(person, hairTryOn.id)).at(-1)).toMatchObject({ status: "SUCCEEDED" });
});

const FAVOURITE =
  "mutation($input: SetHairTryOnFavouriteInput!) { setHairTryOnFavourite(input: $input) { hairTryOn { id isFavourite } problems { code } } }";
const DELETE =
  "mutation($input: DeleteHairTryOnInput!) { deleteHairTryOn(input: $input) { deletedId problems { code } } }";

test("a try-on is its owner's, may be a favourite, and is deleted with its files", async () => {
  const [person, other] = [await rich(world), await world.person()];
  const [first, second] = [await create(world, person), await create(world, person)];
  const [id, plain] = [first.hairTryOn.id, second.hairTryOn.id];
  await watched(person, id);
  await watched(person, plain);
  expect((await other.must(TRY_ON, { id })).hairTryOn).toBeNull();
  for (const operation of [FAVOURITE, DELETE]) {
    const input = operation === FAVOURITE ? { id, isFavourite: true } : { id };
    const { errors } = await other.send(operation, { input });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  }
  const { setHairTryOnFavourite } = await person.must(FAVOURITE, {
    input: { id, isFavourite: true },
  });
  expect(setHairTryOnFavourite.hairTryOn).toEqual({ id, isFavourite: true });
  const listed = async (args: string) => {
    const { viewer } = await person.must(`{ viewer { hairTryOns${args} { nodes { id } } } }`);
    return viewer.hairTryOns.nodes.map((node: any) => node.id as string);
  };
  expect(await listed("")).toEqual([plain, id]);
  expect(await listed("(favouritesOnly: true)")).toEqual([id]);
  const { views, imageUrl } = await tryOn(person, id);
  const { deleteHairTryOn } = await person.must(DELETE, { input: { id } });
  expect(deleteHairTryOn).toEqual({ deletedId: id, problems: [] });
  expect(await tryOn(person, id)).toBeNull();
  for (const url of [imageUrl, ...views.map((view: any) => view.imageUrl)]) {
    await until(async () => (await fetch(url)).status === 404);
  }
});

test("try-ons with styles and views cost the same number of statements for 1 and for 20", async () => {
  const person = await rich(world);
  const { hairTryOn } = await create(world, person, { views: ["FRONT"] });
  await watched(person, hairTryOn.id);
  const { database, ids } = world.nodes[0]!.stores;
  const copies = Array.from({ length: 19 }, () => ids.next("hto"));
  await database.query(
    `with jobs as (
       insert into ai_jobs (id, user_id, kind, status, version, input, attempts, slot, finished_at)
       select copy, user_id, kind, status, version, input, attempts, slot, finished_at
       from ai_jobs, unnest($2::text[]) copy where id = $1),
     try_ons as (
       insert into try_ons (id, hairstyle_id, credits_held, is_favourite)
       select copy, hairstyle_id, 0, true from try_ons, unnest($2::text[]) copy where id = $1)
     insert into try_on_views (job_id, view) select unnest($2::text[]), 'FRONT'`,
    [hairTryOn.id, copies],
  );
  for (const favouritesOnly of [false, true]) {
    const query = (first: number) =>
      `{ viewer { hairTryOns(first: ${first}, favouritesOnly: ${favouritesOnly}) { nodes { id queuePosition isFavourite imageUrl hairstyle { name thumbnailUrl } views { view status imageUrl } } } } }`;
    const [one, twenty] = [
      await statementsOf(person, query(1)),
      await statementsOf(person, query(20)),
    ];
    expect(twenty.data.viewer.hairTryOns.nodes).toHaveLength(favouritesOnly ? 19 : 20);
    expect(twenty.statements).toBe(one.statements);
  }
});

/** Runs one operation and tells how many statements the node counted for it. */
async function statementsOf(
  person: any,
  query: string,
): Promise<{ data: any; statements: number }> {
  const read = async () => {
    const text = await world.nodes[0]!.metrics.registry.metrics();
    const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
    return sums.reduce((sum, match) => sum + Number(match[1]), 0);
  };
  const before = await read();
  const data = await person.must(query);
  return { data, statements: (await read()) - before };
}
