import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { MERGE, openGuest } from "../identity/persons-bed.ts";
import {
  achievementsOf,
  finishAnalysis,
  log,
  makeGoal,
  measured,
  registered,
  rewardsOf,
} from "./goals-bed.ts";

let world: World;
beforeAll(async () => (world = await createWorld({ nodes: 1, workers: 0 })));
afterAll(async () => {
  const findings = await world.nodes[0]!.parts.wallet.reconcile?.();
  await world.stop();
  expect(findings).toEqual([]);
});

const COMPLETE = /* GraphQL */ `
  mutation ($input: CompleteGoalInput!) {
    completeGoal(input: $input) {
      goal {
        status
      }
      problems {
        code
      }
    }
  }
`;

/** Ways to say of a goal that it is reached. */
const SAY = {
  completeGoal: async (person: TestClient, goalId: string) =>
    (await person.must(COMPLETE, { input: { goalId } })).completeGoal,
  logGoalProgress: (person: TestClient, goalId: string) => log(person, { goalId, value: 60 }),
};

async function reachFive(person: TestClient, way: keyof typeof SAY): Promise<void> {
  const goals = [];
  for (let n = 0; n < 5; n += 1) goals.push(await makeGoal(person));
  const answers = await Promise.all(goals.map((id) => SAY[way](person, id)));
  expect(answers.map(({ goal }) => goal.status)).toEqual(Array(5).fill("COMPLETED"));
}

const FIRST = [{ name: "FIRST_GOAL_COMPLETED", delta: 20 }];
const countedFor = async (person: TestClient): Promise<number> =>
  (await achievementsOf(person)).find(({ name }) => name === "FIVE_GOALS_COMPLETED").count;
const query = (text: string, values: unknown[]) =>
  world.nodes[0]!.stores.database.query<any>(text, values);

/** Gives a guest an address, as the answer to its mail does; null takes it away. */
const setAddress = (userId: string, email: string | null = `${userId}@facet.test`) =>
  query(
    "update users set email = $2::text, email_verified_at = case when $2::text is not null then now() end where id = $1",
    [userId, email],
  );
/** What counted today counted so many days ago. */
const makeOlder = (userId: string, days = 1) =>
  query("update goal_days set day = day - $2::int where user_id = $1", [userId, days]);
const merge = async (owner: TestClient, device: object) =>
  (await owner.must(MERGE, { input: device })).mergeGuest;

test.each(Object.keys(SAY) as (keyof typeof SAY)[])(
  "a guest gets no points of goals that are said to be reached by %s",
  async (way) => {
    const { client: guest } = await openGuest(world);
    await reachFive(guest, way);
    expect(await rewardsOf(world, guest.userId)).toEqual([]);
    const { viewer } = await guest.must("{ viewer { wallets { balance } } }");
    expect(viewer.wallets.map(({ balance }: any) => balance)).toEqual([0, 0]);
    const first = (await achievementsOf(guest)).find(({ name }) => name === FIRST[0]!.name);
    expect(first).toMatchObject({ count: 1, progress: 1, isUnlocked: false, rewardPoints: 20 });
  },
);

test("a guest gets no points of analyses either, but what gives none", async () => {
  const { client: guest } = await openGuest(world);
  for (const score of [40, 60]) {
    await finishAnalysis(world, guest.userId, measured({ overallSkinHealthScore: score }));
  }
  expect(await rewardsOf(world, guest.userId)).toEqual([]);
  const unlocked = (await achievementsOf(guest)).filter(({ isUnlocked }) => isUnlocked);
  expect(unlocked.map(({ name }) => name)).toEqual(["FIRST_SCAN"]);
});

test("who registers is paid once, however much happens at the first moment after", async () => {
  const { client: person } = await openGuest(world);
  await reachFive(person, "completeGoal");
  const goalId = await makeGoal(person);
  await setAddress(person.userId);
  await Promise.all(Array.from({ length: 10 }, (_, n) => log(person, { goalId, value: 41 + n })));
  expect(await rewardsOf(world, person.userId)).toEqual(FIRST);
  await setAddress(person.userId, null);
  await setAddress(person.userId);
  await log(person, { goalId, value: 51 });
  expect(await rewardsOf(world, person.userId)).toEqual(FIRST);
});

test("of goals that somebody sets and ends, one a day counts, also when all end at once", async () => {
  const person = await registered(world);
  for (const counted of [1, 2, 3, 4]) {
    await reachFive(person, counted % 2 === 0 ? "completeGoal" : "logGoalProgress");
    expect(await countedFor(person)).toBe(counted);
    await makeOlder(person.userId);
  }
  expect(await rewardsOf(world, person.userId)).toEqual(FIRST);
  await reachFive(person, "completeGoal");
  expect(await rewardsOf(world, person.userId)).toEqual([
    ...FIRST,
    { name: "FIVE_GOALS_COMPLETED", delta: 50 },
  ]);
});

test("an analysis that reaches goals counts those of a plan all, and of one's own one", async () => {
  const person = await registered(world);
  const { ids } = world.nodes[0]!.stores;
  const planId = ids.next("gpl");
  await query(
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'GOAL_PLAN', 'SUCCEEDED', '{}', 0, now())`,
    [planId, person.userId],
  );
  const goals = [];
  for (let n = 0; n < 6; n += 1) goals.push(await makeGoal(person));
  await query("update goals set plan_id = $1 where id = any($2)", [planId, goals.slice(0, 3)]);
  await finishAnalysis(world, person.userId, measured({ hydration: 70 }));
  expect(await countedFor(person)).toBe(4);
  const [ended] = await query(
    "select count(*)::int as goals from goals where user_id = $1 and status = 'COMPLETED'",
    [person.userId],
  );
  expect(ended.goals).toBe(6);
});

test("guests that are merged into one account, all at once, pay once and unite their days", async () => {
  const owner = await registered(world);
  const guests = [];
  for (let n = 0; n < 5; n += 1) {
    const guest = await openGuest(world);
    await reachFive(guest.client, "completeGoal");
    guests.push(guest);
  }
  await makeOlder(guests[4]!.client.userId, 3);
  const reports = await Promise.all(guests.map(({ device }) => merge(owner, device)));
  expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
  // Today, and the day of the last guest.
  expect(await countedFor(owner)).toBe(2);
  expect(await rewardsOf(world, owner.userId)).toEqual(FIRST);
  await reachFive(owner, "completeGoal");
  expect(await countedFor(owner)).toBe(2);
});

test("what two accounts were paid for goes back once, when one has become a guest and is merged", async () => {
  const [owner, guest] = [await registered(world), await openGuest(world)];
  await setAddress(guest.client.userId);
  for (const person of [owner, guest.client]) await reachFive(person, "completeGoal");
  expect(await rewardsOf(world, guest.client.userId)).toEqual(FIRST);
  await setAddress(guest.client.userId, null);
  expect((await merge(owner, guest.device)).problems).toEqual([]);
  const { viewer } = await owner.must("{ viewer { wallets { currency balance } } }");
  expect(viewer.wallets).toContainEqual({ currency: "POINTS", balance: 20 });
});
