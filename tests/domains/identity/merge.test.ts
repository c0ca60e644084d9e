import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd, WATCH } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";
import {
  ADD_ADDRESS,
  givePoints,
  holdPoints,
  HOME,
  MERGE,
  openAccount,
  openGuest,
  type DeviceCredentials,
} from "./persons-bed.ts";

let world: World;
let number = 0;
beforeAll(async () => (world = await createWorld({ nodes: 2 })));
afterAll(async () => {
  const findings = [];
  for (const { reconcile } of world.nodes[0]!.parts.modules) {
    findings.push(...((await reconcile?.()) ?? []));
  }
  await world.stop();
  expect(findings).toEqual([]);
});

const account = () => openAccount(world, `owner${(number += 1)}@facet.test`);
const merge = async (client: TestClient, device: DeviceCredentials, key?: string) =>
  (await client.must(MERGE, { input: { ...device, idempotencyKey: key } })).mergeGuest;
const query = <T extends object = any>(text: string, values: unknown[]) =>
  world.nodes[0]!.stores.database.query<T>(text, values);
const codes = (payload: any): string[] => payload.problems.map((each: any) => each.code);
const MINE = `{ viewer { firstName
  wallets { currency balance held }
  usage { name used }
  addresses { addressLine1 type isDefault }
  skinAnalyses(first: 10) { nodes { id status imageUrl result { metrics { redness } } } } } }`;

async function closing(client: TestClient): Promise<{ code: Promise<number> }> {
  const code = Promise.withResolvers<number>();
  const connected = Promise.withResolvers<void>();
  const socket = client.socket({
    lazy: false,
    onNonLazyError: () => undefined,
    on: {
      connected: () => connected.resolve(),
      closed: (event) => code.resolve((event as { code: number }).code),
    },
  });
  void socket;
  await connected.promise;
  return { code: code.promise };
}

test("everything of a guest becomes the account's, and the guest is gone", async () => {
  const { client: guest, device } = await openGuest(world);
  const owner = await account();
  await givePoints(world, guest.userId, 30);
  await givePoints(world, owner.userId, 5);
  const reference = await holdPoints(world, guest.userId, 10);
  const done = await startAnalysis(world, guest);
  expect((await watchToEnd(guest, done)).at(-1)?.status).toBe("SUCCEEDED");
  await startAnalysis(world, owner).then((id) => watchToEnd(owner, id));
  await world.upload(guest, portrait());
  await guest.must(ADD_ADDRESS, { input: HOME });
  await guest.must(ADD_ADDRESS, { input: { ...HOME, type: "BILLING" } });
  await owner.must(ADD_ADDRESS, { input: { ...HOME, addressLine1: "1 Main Street" } });
  await guest.must(
    `mutation { updateProfile(input: { firstName: "Dara" }) { problems { code } } }`,
  );
  const socket = await closing(guest.at(world.nodes[1]!.url));

  const first = await merge(owner, device, "merge-1");
  expect(first).toMatchObject({ problems: [], viewer: { id: owner.userId, firstName: "Dara" } });
  const counts = Object.fromEntries(first.merged.map(({ name, count }: any) => [name, count]));
  expect(counts).toMatchObject({ points: 30, jobs: 1, uploads: 2, addresses: 2, devices: 1 });
  expect(await socket.code).toBe(4403);
  expect((await guest.send("{ viewer { id } }")).errors?.[0]?.extensions.code).toBe(
    "UNAUTHENTICATED",
  );

  const { viewer } = await owner.must(MINE);
  expect(viewer.wallets[0]).toEqual({ currency: "POINTS", balance: 35, held: 10 });
  expect(viewer.usage).toContainEqual({ name: "SKIN_ANALYSES", used: 2 });
  expect(viewer.addresses.filter((each: any) => each.isDefault)).toEqual([
    { addressLine1: "12 Mekong Road", type: "BILLING", isDefault: true },
    { addressLine1: "1 Main Street", type: "SHIPPING", isDefault: true },
  ]);
  const moved = viewer.skinAnalyses.nodes.find(({ id }: any) => id === done);
  expect(moved.result.metrics.redness).toEqual(expect.any(Number));
  expect((await fetch(moved.imageUrl)).status).toBe(200);

  const { unitOfWork, wallet } = world.nodes[0]!.parts;
  await unitOfWork.run((tx) => wallet.holds.capture(tx, { reference, amount: 4 }));
  expect((await owner.must(MINE)).viewer.wallets[0]).toMatchObject({ balance: 31, held: 0 });

  expect((await openGuest(world, device)).client.userId).toBe(owner.userId);
  for (const key of ["merge-1", "merge-2", undefined]) {
    expect((await merge(owner, device, key)).merged).toEqual(first.merged);
  }
  const [row] = await query("select is_active, merged_into, first_name from users where id = $1", [
    guest.userId,
  ]);
  expect(row).toEqual({ is_active: false, merged_into: owner.userId, first_name: "" });
});

test("a job that runs or waits meanwhile ends for the account", async () => {
  const { client: guest, device } = await openGuest(world);
  const owner = await account();
  const ids = await Promise.all(Array.from({ length: 3 }, () => startAnalysis(world, guest)));
  const [frame] = [await guest.watch(WATCH, { id: ids[0] }).next()];
  expect(frame.value.errors).toBeUndefined();
  const { merged } = await merge(owner, device);
  expect(merged).toContainEqual({ name: "jobs", count: 3 });
  const ends = await Promise.all(ids.map((id) => watchToEnd(owner, id)));
  expect(ends.map((seen) => seen.at(-1)?.status)).toEqual(ids.map(() => "SUCCEEDED"));
  const queues = await query(
    "select count(*)::int as n from ai_jobs where user_id = $1 and status = 'SUCCEEDED'",
    [owner.userId],
  );
  expect(queues).toEqual([{ n: 3 }]);
});

test("what cannot be merged is refused and leaves everything as it was", async () => {
  const { client: guest, device } = await openGuest(world);
  const owner = await account();
  const stranger = await openGuest(world);
  await givePoints(world, guest.userId, 7);
  const wrong = { ...device, deviceSecret: `${device.deviceSecret}x` };
  expect(codes(await merge(owner, wrong))).toEqual(["INVALID_CREDENTIALS"]);
  const unknown = { ...device, deviceId: `${device.deviceId}x` };
  expect(codes(await merge(owner, unknown))).toEqual(["INVALID_CREDENTIALS"]);
  expect(codes(await merge(stranger.client, device))).toEqual(["ACCOUNT_REQUIRED"]);
  expect(codes(await merge(guest, device))).toEqual(["SAME_ACCOUNT"]);
  const full = await openGuest(world);
  await query("update users set phone = $2, phone_verified_at = now() where id = $1", [
    full.client.userId,
    "+85512345678",
  ]);
  expect(codes(await merge(owner, full.device))).toEqual(["NOT_A_GUEST"]);
  expect((await merge(owner, device)).problems).toEqual([]);
  expect(codes(await merge(await account(), device))).toEqual(["NOT_A_GUEST"]);
  const outcomes = await query(
    "select outcome from auth_events where action = 'MERGE_GUEST' and user_id = $1 order by id",
    [owner.userId],
  );
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    "INVALID_CREDENTIALS",
    "INVALID_CREDENTIALS",
    // What the guest had tried has come along.
    "SAME_ACCOUNT",
    "NOT_A_GUEST",
    "OK",
  ]);
  expect((await owner.must(MINE)).viewer.wallets[0]).toMatchObject({ balance: 7 });
});
