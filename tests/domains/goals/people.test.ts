import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { MERGE, openAccount, openGuest } from "../identity/persons-bed.ts";
import {
  achievementsOf,
  CREATE_GOAL,
  finishAnalysis,
  goalOf,
  log,
  LOG_PROGRESS,
  makeGoal,
  measured,
  rewardsOf,
  wish,
} from "./goals-bed.ts";

let world: World;
let number = 0;
beforeAll(async () => (world = await createWorld({ nodes: 1 })));
afterAll(async () => {
  const findings = [];
  for (const { reconcile } of world.nodes[0]!.parts.modules) {
    findings.push(...((await reconcile?.()) ?? []));
  }
  await world.stop();
  expect(findings).toEqual([]);
});

const account = () => openAccount(world, `goals${(number += 1)}@facet.test`);
const documents = (name: string) => world.nodes[0]!.stores.mongo.db.collection<any>(name);
const personalData = () => world.nodes[0]!.parts.personalData.find(({ name }) => name === "goals")!;
const pointsOf = async (person: Awaited<ReturnType<typeof account>>): Promise<number> => {
  const { viewer } = await person.must("{ viewer { wallets { currency balance } } }");
  return viewer.wallets.find(({ currency }: any) => currency === "POINTS").balance;
};

test("a guest's goals, days and achievements become the account's, and pay once", async () => {
  const { client: guest, device } = await openGuest(world);
  const owner = await account();
  const [guestGoal, ownGoal] = [await makeGoal(guest), await makeGoal(owner)];
  await log(guest, { goalId: guestGoal, value: 60 });
  await log(owner, { goalId: ownGoal, value: 60 });
  const left = await makeGoal(guest, { title: "Left open", targetMetric: "ACNE" });
  for (let scan = 0; scan < 6; scan += 1) {
    await finishAnalysis(world, guest.userId, measured({ overallSkinHealthScore: 50 }));
    await finishAnalysis(world, owner.userId, measured({ overallSkinHealthScore: 55 }));
  }
  expect([await pointsOf(guest), await pointsOf(owner)]).toEqual([0, 20]);
  const { mergeGuest } = await owner.must(MERGE, { input: device });
  expect(mergeGuest.problems).toEqual([]);
  expect(mergeGuest.merged).toContainEqual({ name: "goals", count: 2 });
  expect(await goalOf(owner, left)).toMatchObject({ title: "Left open", status: "ACTIVE" });
  const unlocked = (await achievementsOf(owner)).filter(({ isUnlocked }) => isUnlocked);
  expect(unlocked.map(({ name }) => name)).toEqual([
    "FIRST_SCAN",
    "TEN_SCANS",
    "FIRST_GOAL_COMPLETED",
  ]);
  // For the first goal, and for twelve scans together.
  expect(await pointsOf(owner)).toBe(40);
  // The first score was the guest's.
  await finishAnalysis(world, owner.userId, measured({ overallSkinHealthScore: 60 }));
  const up = (await achievementsOf(owner)).find(({ name }) => name === "SCORE_UP_10");
  expect(up).toMatchObject({ isUnlocked: true });
  await until(
    () => documents("goals").findOne({ _id: left }),
    (goal) => goal?.userId === owner.userId,
  );
  await until(
    () => documents("user_achievements").countDocuments({ userId: guest.userId }),
    (count) => count === 0,
  );
});

test("what a guest does while being merged happens before or not at all", async () => {
  const { client: guest, device } = await openGuest(world);
  const owner = await account();
  const goalId = await makeGoal(guest);
  const during = Array.from({ length: 12 }, (_, index) =>
    index % 3 === 0
      ? guest.send(CREATE_GOAL, { input: wish() })
      : index % 3 === 1
        ? guest.send(LOG_PROGRESS, { input: { goalId, value: 41 + index } })
        : log(owner, { goalId: "gol_0000000000000", value: 41 }).catch(() => null),
  );
  const [{ mergeGuest }] = await Promise.all([owner.must(MERGE, { input: device }), ...during]);
  expect(mergeGuest.problems).toEqual([]);
  const { database } = world.nodes[0]!.stores;
  for (const table of personalData().tables ?? []) {
    const rows = await database.query(`select 1 from "${table}" where user_id = $1`, [
      guest.userId,
    ]);
    expect([table, rows]).toEqual([table, []]);
  }
  const answers = await Promise.all<any>(during);
  const made = answers.filter((answer) => answer?.data?.createGoal?.goal).length;
  const { viewer } = await owner.must("{ viewer { goals { nodes { id } } } }");
  expect(viewer.goals.nodes).toHaveLength(made + 1);
  const logged = answers.filter((answer) => answer?.data?.logGoalProgress?.goal).length;
  expect((await goalOf(owner, goalId)).history.nodes).toHaveLength(logged);
});

test("an export tells everything but our own ids", async () => {
  const owner = await account();
  const goalId = await makeGoal(owner);
  await log(owner, { goalId, value: 60, note: "Two litres a day" });
  const exported: any = await personalData().export(owner.userId);
  expect(exported.goals).toMatchObject([
    {
      title: "Drink more water",
      status: "COMPLETED",
      history: [{ value: 60, note: "Two litres a day" }],
    },
  ]);
  expect(exported.achievements).toMatchObject([{ achievement: "FIRST_GOAL_COMPLETED" }]);
  expect(exported.days).toHaveLength(1);
  expect(JSON.stringify(exported)).not.toContain(owner.userId);
});

test("nothing is left of who is erased, though a copy is on its way; the books stay", async () => {
  const owner = await account();
  const goalId = await makeGoal(owner);
  await log(owner, { goalId, value: 60 });
  await until(() => documents("goals").findOne({ _id: goalId }));
  await log(owner, { goalId: await makeGoal(owner), value: 50 });
  await personalData().erase(owner.userId);
  const { parts, stores } = world.nodes[0]!;
  const task = parts.modules
    .flatMap((module) => module.tasks ?? [])
    .find(({ name }) => name === "copy_goals")!;
  await task.run({ userId: owner.userId });
  for (const name of ["goals", "user_achievements"]) {
    expect(await documents(name).countDocuments({ userId: owner.userId })).toBe(0);
  }
  for (const table of personalData().tables ?? []) {
    const rows = await stores.database.query(`select 1 from "${table}" where user_id = $1`, [
      owner.userId,
    ]);
    expect([table, rows]).toEqual([table, []]);
  }
  expect(await rewardsOf(world, owner.userId)).toHaveLength(1);
});
