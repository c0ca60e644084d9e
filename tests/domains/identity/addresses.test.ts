import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { codes, createBed, newAccount, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
beforeAll(async () => {
  bed = await createBed();
});
afterAll(() => bed.close());

const HOME = {
  type: "SHIPPING",
  firstName: "Ada",
  lastName: "Lovelace",
  addressLine1: "12 Street 240",
  city: "Phnom Penh",
  country: "kh",
};
const add = (token: string, change: object = {}) =>
  bed.must("AddAddress", { input: { ...HOME, ...change } }, { token });
const mine = async (token: string): Promise<any[]> =>
  (await bed.must("MyAddresses", {}, { token })).addresses;
const defaults = async (token: string) =>
  (await mine(token)).filter(({ isDefault }) => isDefault).map(({ id }) => id);

test("keeps one default of each type through adding, choosing and removing", async () => {
  const { accessToken: token } = await newAccount(bed, "ada@example.com");
  const first = (await add(token)).address;
  expect(first).toMatchObject({ isDefault: true, country: "KH", company: null });
  const second = (await add(token, { phone: "+855 12 345 678" })).address;
  expect(second).toMatchObject({ isDefault: false, phone: "+85512345678" });
  const billing = (await add(token, { type: "BILLING" })).address;
  expect(await defaults(token)).toEqual([first.id, billing.id]);
  const third = await add(token, { isDefault: true });
  expect(third.viewer.addresses).toHaveLength(4);
  expect(await defaults(token)).toEqual([billing.id, third.address.id]);

  await bed.must("SetDefaultAddress", { input: { addressId: first.id } }, { token });
  expect(await defaults(token)).toEqual([first.id, billing.id]);
  const removed = await bed.must("RemoveAddress", { input: { addressId: first.id } }, { token });
  expect(removed.removedId).toBe(first.id);
  expect(await defaults(token)).toEqual([billing.id, third.address.id]);
});

test("changes what is given, removes what is null, refuses to remove what is needed", async () => {
  const { accessToken: token } = await newAccount(bed, "bea@example.com");
  const { address } = await add(token, { company: "Facet", postalCode: "12000" });
  const change = (input: object) =>
    bed.send("UpdateAddress", { input: { addressId: address.id, ...input } }, { token });
  const { data } = await change({ city: " Siem Reap ", company: null });
  expect(data.updateAddress.address).toEqual({
    ...address,
    city: "Siem Reap",
    company: null,
  });
  const needed = await change({ city: null });
  expect(needed.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
});

test("somebody else's address is as good as none", async () => {
  const { accessToken: owner } = await newAccount(bed, "cat@example.com");
  const { accessToken: other } = await newAccount(bed, "dan@example.com");
  const { address } = await add(owner);
  for (const [operation, input] of [
    ["UpdateAddress", { city: "Elsewhere" }],
    ["RemoveAddress", {}],
    ["SetDefaultAddress", {}],
  ] as const) {
    const [foreign, missing] = await Promise.all(
      [address.id, "adr_0000000000000"].map((addressId) =>
        bed.send(operation, { input: { ...input, addressId } }, { token: other }),
      ),
    );
    expect(foreign!.errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(foreign!.errors?.[0]?.message).toBe(missing!.errors?.[0]?.message);
  }
  expect(await mine(owner)).toEqual([address]);
});

test("bad values are refused at their place, and change nothing", async () => {
  const { accessToken: token } = await newAccount(bed, "eve@example.com");
  for (const [field, value] of [
    ["country", "XX"],
    ["country", "Cambodia"],
    ["city", "  "],
    ["addressLine1", "x".repeat(201)],
    ["firstName", "a\u0007b"],
  ] as const) {
    const refused = await add(token, { [field]: value });
    expect(refused.problems).toMatchObject([{ code: "INVALID_INPUT", path: ["input", field] }]);
  }
  const phone = await bed.send("AddAddress", { input: { ...HOME, phone: "12" } }, { token });
  expect(phone.errors?.[0]?.extensions).toMatchObject({ fields: [{ path: ["input", "phone"] }] });
  expect(await mine(token)).toEqual([]);
});

test("of 30 additions at once 20 succeed, with one default", async () => {
  const { accessToken: token } = await newAccount(bed, "fay@example.com");
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => add(token, { isDefault: n % 2 === 0 })),
  );
  expect(answers.flatMap(codes)).toEqual(Array<string>(10).fill("TOO_MANY_ADDRESSES"));
  expect(await mine(token)).toHaveLength(20);
  expect(await defaults(token)).toHaveLength(1);
});
