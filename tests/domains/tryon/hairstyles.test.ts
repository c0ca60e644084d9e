import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { personWith } from "../../support/belongings.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { openSalon } from "./try-on-bed.ts";

let world: World;
let admin: TestClient;
let added: number;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  added = await openSalon(world);
  admin = await personWith(world, "ADMIN");
}, 60_000);
afterAll(() => world.stop());

const STYLE =
  "id name nameKh: name(language: KH) description prompt category color hasFringe isActive position version thumbnailUrl";
const CREATE = `mutation($input: AdminCreateHairstyleInput!) { adminCreateHairstyle(input: $input) { hairstyle { ${STYLE} } problems { code path } } }`;
const UPDATE = `mutation($input: AdminUpdateHairstyleInput!) { adminUpdateHairstyle(input: $input) { hairstyle { ${STYLE} } problems { code path } } }`;
const DELETE = `mutation($input: AdminDeleteHairstyleInput!) { adminDeleteHairstyle(input: $input) { deletedId hairstyle { id isActive } problems { code } } }`;
const ONE = `query($id: ID!) { hairstyle(id: $id) { ${STYLE} } }`;

const mullet = {
  nameEn: "Soft mullet",
  nameKh: "ម៉ូឡេត",
  descriptionEn: "Short in front, long behind.",
  prompt: "a soft mullet",
  category: "MEDIUM",
  color: "#6B3A1E",
};
const audits = (subject: string) =>
  world.nodes[0]!.stores.database.query<any>(
    "select actor_id, action, before, after from audit_log where subject = $1 order by id",
    [subject],
  );
const listed = async (client: TestClient, args = "(first: 100)", field = "hairstyles") =>
  (
    await client.must(
      `{ ${field}${args} { nodes { ${STYLE} } pageInfo { hasNextPage endCursor } } }`,
    )
  )[field];

test("twenty-four styles are on offer to everybody, in both languages, each with its drawing", async () => {
  expect(added).toBe(24);
  expect(await openSalon(world)).toBe(0);
  const { nodes } = await listed(world.stranger());
  expect(nodes).toHaveLength(24);
  expect(new Set(nodes.map(({ name }: any) => name)).size).toBe(24);
  for (const style of nodes) {
    expect(style.nameKh).toMatch(/[\u1780-\u17ff]/);
    expect(style.prompt).toBeNull();
    const drawing = await fetch(new URL(new URL(style.thumbnailUrl).pathname, world.url));
    expect(drawing.headers.get("cache-control")).toContain("immutable");
    const { format, width } = await sharp(await drawing.arrayBuffer()).metadata();
    expect([format, width]).toEqual(["webp", 480]);
  }
  const braids = await listed(world.stranger(), "(category: BRAIDS)");
  expect(braids.nodes.map(({ category }: any) => category)).toEqual(Array(4).fill("BRAIDS"));
});

test("pages follow each other without gap, both ways", async () => {
  const stranger = world.stranger();
  const names: string[] = [];
  for (let after = ""; ;) {
    const page = await listed(stranger, `(first: 10${after})`);
    names.push(...page.nodes.map(({ name }: any) => name as string));
    if (!page.pageInfo.hasNextPage) break;
    after = `, after: "${page.pageInfo.endCursor}"`;
  }
  const all = (await listed(stranger)).nodes.map(({ name }: any) => name as string);
  expect(names).toEqual(all);
  const last = await listed(stranger, "(last: 3)");
  expect(last.nodes.map(({ name }: any) => name)).toEqual(all.slice(-3));
  const { errors } = await stranger.send('{ hairstyles(after: "bm90aGluZw") { nodes { id } } }');
  expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
});

test("an admin adds a style, changes it, hides it and deletes it, and each is remembered", async () => {
  const created = (await admin.must(CREATE, { input: mullet })).adminCreateHairstyle;
  expect(created.problems).toEqual([]);
  const { id } = created.hairstyle;
  expect(created.hairstyle).toMatchObject({
    name: "Soft mullet",
    prompt: "a soft mullet",
    color: "#6b3a1e",
    isActive: true,
    version: 1,
  });
  const drawing = new URL(new URL(created.hairstyle.thumbnailUrl).pathname, world.url);
  expect((await fetch(drawing)).status).toBe(200);
  const input = { id, nameKh: null, prompt: null, color: "#112233", isActive: false };
  const { hairstyle } = (await admin.must(UPDATE, { input })).adminUpdateHairstyle;
  expect(hairstyle).toMatchObject({
    nameKh: "Soft mullet",
    prompt: "a soft mullet",
    color: "#112233",
    isActive: false,
    version: 2,
  });
  expect((await world.stranger().must(ONE, { id })).hairstyle).toBeNull();
  const node = `query { node(id: "${id}") { id } }`;
  expect((await (await world.person()).must(node)).node).toBeNull();
  expect((await admin.must(ONE, { id })).hairstyle.prompt).toBe("a soft mullet");
  const hidden = await listed(admin, "(first: 100)", "adminHairstyles");
  expect(hidden.nodes.map((style: any) => style.id)).toContain(id);
  const { adminDeleteHairstyle } = await admin.must(DELETE, { input: { id } });
  expect(adminDeleteHairstyle).toEqual({ deletedId: id, hairstyle: null, problems: [] });
  expect((await admin.must(ONE, { id })).hairstyle).toBeNull();
  const log = await audits(id);
  expect(log.map(({ action }: any) => action)).toEqual([
    "adminCreateHairstyle",
    "adminUpdateHairstyle",
    "adminDeleteHairstyle",
  ]);
  expect(log[1]).toMatchObject({
    actor_id: admin.userId,
    before: { color: "#6b3a1e", isActive: true },
    after: { color: "#112233", isActive: false },
  });
  expect(Object.keys(log[1].after).sort()).toEqual(["color", "isActive", "nameKh", "thumbnailKey"]);
});

test("a style that somebody has tried on is hidden and not deleted", async () => {
  const created = (await admin.must(CREATE, { input: mullet })).adminCreateHairstyle;
  const { id } = created.hairstyle;
  const person = await world.person();
  const { database, ids } = world.nodes[0]!.stores;
  const job = ids.next("hto");
  await database.query(
    `with job as (
       insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
       values ($1, $2, 'HAIR_TRY_ON', 'CANCELED', '{}', 0, now()))
     insert into try_ons (id, hairstyle_id, credits_held) values ($1, $3, 0)`,
    [job, person.userId, id],
  );
  const { adminDeleteHairstyle } = await admin.must(DELETE, { input: { id } });
  expect(adminDeleteHairstyle).toEqual({
    deletedId: null,
    hairstyle: { id, isActive: false },
    problems: [],
  });
  const mine = `query { hairTryOn(id: "${job}") { hairstyle { id name prompt } } }`;
  expect((await person.must(mine)).hairTryOn.hairstyle).toEqual({
    id,
    name: "Soft mullet",
    prompt: null,
  });
});

test.each([
  ["nameEn", "  "],
  ["nameEn", "x".repeat(81)],
  ["prompt", ""],
  ["prompt", "x".repeat(2_001)],
  ["descriptionEn", ""],
  ["color", "brown"],
  ["position", 2_000_000],
])("%s %p is refused and nothing is remembered", async (field, value) => {
  const count = async () =>
    Number(
      (await world.nodes[0]!.stores.database.query<any>("select count(*) from audit_log"))[0].count,
    );
  const before = await count();
  const { adminCreateHairstyle } = await admin.must(CREATE, {
    input: { ...mullet, [field]: value },
  });
  expect(adminCreateHairstyle).toMatchObject({
    hairstyle: null,
    problems: [{ code: "INVALID_INPUT", path: ["input", field] }],
  });
  expect(await count()).toBe(before);
});

test("nobody else may change styles, and a style that is not there cannot be changed", async () => {
  for (const role of ["CUSTOMER", "MODERATOR"]) {
    const { errors } = await (await personWith(world, role)).send(CREATE, { input: mullet });
    expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  }
  for (const operation of [UPDATE, DELETE]) {
    const { errors } = await admin.send(operation, { input: { id: "hst_0000000000000" } });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  }
});
