import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { largeColumnsReadBy } from "../../support/large-columns.ts";
import { createWorld, type World } from "../../support/world.ts";
import type { TestClient } from "../../support/client.ts";

const ADD = `mutation ($input: AddToWishlistInput!) { addToWishlist(input: $input) { product { id isWishlisted } viewer { id } problems { code } } }`;
const REMOVE = `mutation ($input: RemoveFromWishlistInput!) { removeFromWishlist(input: $input) { product { id isWishlisted } problems { code } } }`;
const LIST = `query ($first: Int, $after: String) { viewer { wishlist(first: $first, after: $after) { nodes { product { id } } pageInfo { hasNextPage endCursor } } } }`;

let world: World;
let ids: string[];
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  await world.openShop();
  const { products } = await world.stranger().must("{ products(first: 6) { nodes { id } } }");
  ids = products.nodes.map((node: { id: string }) => node.id);
});
afterAll(() => world.stop());

const add = (person: TestClient, productId: string) => person.must(ADD, { input: { productId } });
const listed = async (person: TestClient, variables: Record<string, unknown> = {}) =>
  (await person.must(LIST, variables)).viewer.wishlist;
const idsOf = (list: any) => list.nodes.map((node: any) => node.product.id);

test("products are put on and taken off, each as often as one likes", async () => {
  const [bob, eve] = [await world.person(), await world.person()];
  for (const id of [ids[0], ids[1], ids[0]]) {
    const { addToWishlist } = await add(bob, id!);
    expect(addToWishlist).toMatchObject({ product: { id, isWishlisted: true }, problems: [] });
  }
  expect(idsOf(await listed(bob)).sort()).toEqual([ids[0], ids[1]].sort());
  expect(idsOf(await listed(eve))).toEqual([]);
  for (let time = 0; time < 2; time += 1) {
    const { removeFromWishlist } = await bob.must(REMOVE, { input: { productId: ids[0] } });
    expect(removeFromWishlist).toEqual({
      product: { id: ids[0], isWishlisted: false },
      problems: [],
    });
  }
  expect(idsOf(await listed(bob))).toEqual([ids[1]]);
});

test("what is put on and taken off is read without the texts that nobody asks for", async () => {
  const bob = await world.person();
  const readBy = async (change: string, product: string) => {
    const query = `mutation ($id: ID!) { ${change}(input: { productId: $id }) { product { ${product} } } }`;
    const { database } = world.nodes[0]!.stores;
    const { result, columns } = await largeColumnsReadBy(database, () =>
      bob.must(query, { id: ids[0] }),
    );
    expect(result[change].product).toEqual({ [product]: expect.any(String) });
    return columns;
  };
  for (const change of ["addToWishlist", "removeFromWishlist"]) {
    expect(await readBy(change, "name")).toEqual([]);
    expect(await readBy(change, "description")).toEqual(["description_en"]);
  }
});

test("twenty at once make one", async () => {
  const bob = await world.person();
  await Promise.all(Array.from({ length: 20 }, () => add(bob, ids[2]!)));
  expect(idsOf(await listed(bob))).toEqual([ids[2]]);
});

test("a list says what is on the viewer's wishlist, and nothing to strangers", async () => {
  const bob = await world.person();
  await add(bob, ids[1]!);
  const query = "{ products(first: 3) { nodes { id isWishlisted } } }";
  const seen = async (person: TestClient) =>
    (await person.must(query)).products.nodes.filter((node: any) => node.isWishlisted).length;
  expect(await seen(bob)).toBe(1);
  expect(await seen(world.stranger())).toBe(0);
});

test("people who read the same list at once see their own wishes on it", async () => {
  const people = await Promise.all([0, 1, 2].map(() => world.person()));
  await Promise.all(people.map((person, index) => add(person, ids[index]!)));
  const query = "{ products(first: 6) { nodes { id isWishlisted } } }";
  const askers = Array.from({ length: 12 }, (_, index) => index % 3);
  const answers = await Promise.all(askers.map((index) => people[index]!.must(query)));
  for (const [place, index] of askers.entries()) {
    const wished = answers[place]!.products.nodes.filter((node: any) => node.isWishlisted);
    expect(wished.map((node: any) => node.id)).toEqual([ids[index]]);
  }
});

test("what is on the wishlist tells all about itself", async () => {
  const bob = await world.person();
  await add(bob, ids[0]!);
  const fields = `name(language: KH) description shortDescription usageInstructions(language: KH)
    ingredients skinTypes skinConcerns ratingSummary { average count histogram }`;
  const wished = await bob.must(`{ viewer { wishlist { nodes { product { ${fields} } } } } }`);
  const { product } = await bob.must(`{ product(id: "${ids[0]!}") { ${fields} } }`);
  expect(wished.viewer.wishlist.nodes).toEqual([{ product }]);
  const alone = await bob.must("{ viewer { wishlist { nodes { product { ingredients } } } } }");
  const { ingredients } = product;
  expect(alone.viewer.wishlist.nodes).toEqual([{ product: { ingredients } }]);
});

test("pages are last added first; what is not on sale is shown as gone", async () => {
  const bob = await world.person();
  for (const id of ids) await add(bob, id);
  const first = await listed(bob, { first: 4 });
  expect(first.pageInfo.hasNextPage).toBe(true);
  const rest = await listed(bob, { first: 4, after: first.pageInfo.endCursor });
  expect([...idsOf(first), ...idsOf(rest)]).toEqual(ids.toReversed());
  const { database } = world.nodes[0]!.stores;
  await database.query("update products set status = 'archived' where id = $1", [ids[5]]);
  expect((await listed(bob, { first: 1 })).nodes).toEqual([{ product: null }]);
  const refused = await bob.send(ADD, { input: { productId: ids[5] } });
  expect(refused.errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
});

test("nonsense is no product, and a foreign cursor no place", async () => {
  const bob = await world.person();
  for (const productId of ["", "prd_x", "usr_0000000000000", "' or 1=1"]) {
    const answer = await bob.send(ADD, { input: { productId } });
    expect(answer.errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
    const { removeFromWishlist } = await bob.must(REMOVE, { input: { productId } });
    expect(removeFromWishlist).toEqual({ product: null, problems: [] });
  }
  const { products } = await bob.must("{ products(first: 1) { pageInfo { endCursor } } }");
  const answer = await bob.send(LIST, { after: products.pageInfo.endCursor });
  expect(answer.errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
});
