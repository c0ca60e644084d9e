import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
}, 60_000);
afterAll(() => world.stop());

const UPDATE = /* GraphQL */ `
  mutation ($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      viewer {
        timeZone
        firstName
      }
      problems {
        code
        path
      }
    }
  }
`;
const USAGE = /* GraphQL */ `
  {
    viewer {
      timeZone
      usage {
        name
        resetsAt
      }
    }
  }
`;

const change = async (person: TestClient, input: Record<string, unknown>): Promise<any> =>
  (await person.must(UPDATE, { input })).updateProfile;

const dayEnds = async (person: TestClient): Promise<string> => {
  const { viewer } = await person.must(USAGE);
  return viewer.usage.find(({ name }: { name: string }) => name === "CHAT_MESSAGES").resetsAt;
};

test("days begin where the user lives", async () => {
  const person = await world.person();
  expect(await dayEnds(person)).toMatch(/T00:00:00\.000Z$/);
  const { viewer, problems } = await change(person, { timeZone: "asia/phnom_penh" });
  expect([viewer.timeZone, problems]).toEqual(["Asia/Phnom_Penh", []]);
  expect(await dayEnds(person)).toMatch(/T17:00:00\.000Z$/);
});

test("nobody lives a day twice: a second zone within a day changes nothing", async () => {
  const person = await world.person();
  await change(person, { timeZone: "Asia/Phnom_Penh" });
  const refused = await change(person, { timeZone: "America/New_York", firstName: "Ada" });
  expect(refused).toMatchObject({
    viewer: null,
    problems: [{ code: "TIME_ZONE_JUST_CHANGED", path: ["input", "timeZone"] }],
  });
  const same = await change(person, { timeZone: "Asia/Phnom_Penh" });
  expect(same).toEqual({ viewer: { timeZone: "Asia/Phnom_Penh", firstName: "" }, problems: [] });
});

test.each(["Mars/Olympus", "", "x".repeat(10_000)])("%p is no time zone", async (timeZone) => {
  const person = await world.person();
  const { errors } = await person.send(UPDATE, { input: { timeZone } });
  expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
  expect((await person.must(USAGE)).viewer.timeZone).toBeNull();
});
