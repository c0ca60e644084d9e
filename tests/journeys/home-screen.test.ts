import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd } from "../support/analyses.ts";
import { HOME_SCREEN } from "../support/home-screen.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";

/** Eight for what is shown, and one that asks whether the session still stands. */
const MAX_STATEMENTS = 9;
let world: World;
beforeAll(async () => {
  world = await createWorld({ nodes: 1 });
  await world.openShop();
}, 60_000);
afterAll(() => world.stop());

async function statementsSoFar(): Promise<number> {
  const text = await world.nodes[0]!.metrics.registry.metrics();
  const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
  return sums.reduce((sum, match) => sum + Number(match[1]), 0);
}

async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const before = await statementsSoFar();
  await work();
  return (await statementsSoFar()) - before;
}

test("everything that the first screen shows comes by a handful of statements", async () => {
  const ada = await world.person();
  await watchToEnd(ada, await startAnalysis(world, ada));
  for (const name of ["one", "two"]) {
    await ada.must(
      "mutation($input: CreateChatroomInput!) { createChatroom(input: $input) { chatroom { id } } }",
      { input: { name } },
    );
  }
  const shown = await until(
    () => ada.must(HOME_SCREEN),
    ({ viewer }) => viewer.notifications.nodes.length > 0,
  );
  expect(shown.viewer.wallets).toHaveLength(2);
  expect(shown.viewer.jobs.nodes).toHaveLength(1);
  expect(shown.viewer.chatrooms.nodes).toHaveLength(2);
  expect(shown.products.nodes).toHaveLength(10);
  const warm = await statementsOf(() => ada.must(HOME_SCREEN));
  expect(warm).toBeLessThanOrEqual(MAX_STATEMENTS);
  // The list of rooms is not in the cache any more.
  await ada.must('mutation { createChatroom(input: { name: "three" }) { chatroom { id } } }');
  expect(await statementsOf(() => ada.must(HOME_SCREEN))).toBeLessThanOrEqual(MAX_STATEMENTS + 1);
});
