import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import {
  achievementsOf,
  finishAnalysis,
  log,
  makeGoal,
  measured,
  newsOf,
  registered,
  rewardsOf,
} from "./goals-bed.ts";
import { AchievementRepository } from "../../../src/domains/goals/achievements/achievement.repository.ts";
import { AchievementService } from "../../../src/domains/goals/achievements/achievement.service.ts";
import { CopyRepository } from "../../../src/domains/goals/copies/copy.repository.ts";
import { ProfileRepository } from "../../../src/domains/goals/profile.repository.ts";
import { ProfileService } from "../../../src/domains/goals/profile.service.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ nodes: 2, workers: 0 });
});
afterAll(() => world.stop());

/** The days of users in a zone, at a time that the test moves. */
function calendar(timeZone: string | null) {
  const { parts, stores } = world.nodes[0]!;
  const profileRows = new ProfileRepository(stores.database);
  const clock = { at: new Date(0), now: () => clock.at };
  const base = {
    ...parts,
    clock,
    wallets: parts.wallet.wallets,
    profiles: profileRows,
    unlocks: new AchievementRepository(stores.database, []),
    sweep: parts.sweep,
    isRegistered: () => Promise.resolve(true),
    copies: new CopyRepository(stores.database, stores.mongo.db),
  };
  const achievements = new AchievementService(base);
  const profiles = new ProfileService({
    ...base,
    achievements,
    timeZoneOf: () => Promise.resolve(timeZone),
  });
  return {
    care: async (userId: string, at: string) => {
      clock.at = new Date(at);
      await parts.unitOfWork.run((tx) =>
        profiles.change(tx, userId, (change) => {
          change.cared();
          return Promise.resolve();
        }),
      );
      return (await profileRows.ofUsers([userId]))[0]!.longestStreak;
    },
  };
}

test("the catalogue is shown whole, in the language asked for, before anything was done", async () => {
  const all = await achievementsOf(await world.person());
  expect(all).toHaveLength(8);
  expect(all[0]).toEqual({
    name: "FIRST_SCAN",
    title: "First look",
    rewardPoints: 0,
    target: 1,
    count: 0,
    progress: 0,
    isUnlocked: false,
    unlockedAt: null,
  });
});

test("seven days in a row are days of the user, not of the server", async () => {
  const { userId } = await world.person();
  const { care } = calendar("Asia/Phnom_Penh");
  // 16:59 UTC is a minute before midnight there.
  expect(await care(userId, "2026-03-01T16:59:00Z")).toBe(1);
  expect(await care(userId, "2026-03-01T17:00:00Z")).toBe(2);
  expect(await care(userId, "2026-03-02T16:59:59Z")).toBe(2);
  for (const day of [2, 3, 4, 5]) await care(userId, `2026-03-0${day}T20:00:00Z`);
  expect(await rewardsOf(world, userId)).toEqual([]);
  expect(await care(userId, "2026-03-06T20:00:00Z")).toBe(7);
  expect(await rewardsOf(world, userId)).toEqual([{ name: "STREAK_7_DAYS", delta: 20 }]);
});

test("a day that is left out begins anew, and what was reached stays", async () => {
  const { userId } = await world.person();
  const { care } = calendar(null);
  const days = ["02-27", "02-28", "03-01", "03-03", "03-04"];
  const streaks: number[] = [];
  for (const day of days) streaks.push(await care(userId, `2026-${day}T12:00:00Z`));
  expect(streaks).toEqual([1, 2, 3, 3, 3]);
});

test("twenty things on one first day at once: one day", async () => {
  const { userId } = await world.person();
  const { care } = calendar(null);
  await Promise.all(Array.from({ length: 20 }, () => care(userId, "2026-05-05T05:05:05Z")));
  expect(await care(userId, "2026-05-05T06:00:00Z")).toBe(1);
});

test("ten points over the first score, but not over a lower one in between", async () => {
  const person = await registered(world);
  for (const score of [60.1, 52, 69]) {
    await finishAnalysis(world, person.userId, measured({ overallSkinHealthScore: score }));
  }
  const up = async () =>
    (await achievementsOf(person)).find(({ name }: any) => name === "SCORE_UP_10");
  expect(await up()).toMatchObject({ isUnlocked: false, count: 8.9 });
  await finishAnalysis(world, person.userId, measured({ overallSkinHealthScore: 70.1 }));
  expect(await up()).toMatchObject({ isUnlocked: true, count: 10, progress: 1 });
});

test("what is unlocked reaches subscribers on every node, the feed, the inbox and the wallet", async () => {
  const person = await registered(world);
  const watching = person
    .at(world.nodes[1]!.url)
    .watch(
      "subscription { achievementUnlocked(after: 0) { seq achievement { name isUnlocked } } }",
    );
  const feed = person.watch(`subscription { viewerEvents(after: 0) { seq __typename
    ... on GoalEvent { goal { id status } } ... on AchievementEvent { achievement { name } } } }`);
  const first = watching.next();
  const goalId = await makeGoal(person);
  await log(person, { goalId, value: 60 });
  const { achievementUnlocked } = (await first).value.data;
  expect(achievementUnlocked.achievement).toEqual({
    name: "FIRST_GOAL_COMPLETED",
    isUnlocked: true,
  });
  const seen: any[] = [];
  for await (const { data } of feed) {
    seen.push(data.viewerEvents);
    if (data.viewerEvents.seq === achievementUnlocked.seq) break;
  }
  expect(seen.filter(({ __typename }) => __typename === "GoalEvent").at(-1).goal).toEqual({
    id: goalId,
    status: "COMPLETED",
  });
  expect(seen.at(-1)).toMatchObject({
    __typename: "AchievementEvent",
    achievement: { name: "FIRST_GOAL_COMPLETED" },
  });
  const news = await until(
    () => newsOf(world, person.userId, "ACHIEVEMENT_UNLOCKED"),
    (rows) => rows.length > 0,
  );
  expect(news[0]!.facts).toMatchObject({ points: 20, titles: { EN: "Goal!" } });
  await person.close();
});
