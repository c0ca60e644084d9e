import { expect } from "@jest/globals";
import { ANALYZE } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import type { World } from "../../support/world.ts";

/** Everything that a refusal could have changed. */
export async function stateOf(world: World, person: TestClient) {
  const { database } = world.nodes[0]!.stores;
  const rows = await database.query(
    `select (select count(*) from ai_jobs where user_id = $1) as jobs,
       (select coalesce(sum(used), 0) from usage_counters where user_id = $1) as used,
       (select count(*) from idempotency_keys where user_id = $1) as keys,
       (select count(*) from feed_events where user_id = $1) as events,
       (select string_agg(id || status, ',' order by id) from uploads where user_id = $1) as uploads`,
    [person.userId],
  );
  return rows[0];
}

/** Asks for an analysis that must be refused with a problem, changing nothing. */
export async function refused(
  world: World,
  person: TestClient,
  input: Record<string, unknown>,
): Promise<any> {
  const before = await stateOf(world, person);
  const { analyzeSkin } = await person.must(ANALYZE, { input });
  expect(analyzeSkin.skinAnalysis).toBeNull();
  expect(analyzeSkin.problems).toHaveLength(1);
  expect(await stateOf(world, person)).toEqual(before);
  return analyzeSkin.problems[0];
}

/** Asks for an analysis that must be answered with an error, changing nothing. */
export async function failed(
  world: World,
  person: TestClient,
  input: Record<string, unknown>,
): Promise<any> {
  const before = await stateOf(world, person);
  const { errors } = await person.send(ANALYZE, { input });
  expect(errors).toHaveLength(1);
  expect(await stateOf(world, person)).toEqual(before);
  return errors![0]!.extensions;
}
