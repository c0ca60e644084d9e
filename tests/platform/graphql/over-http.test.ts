import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { serverAudits } from "graphql-http";
import { createWorld, type World } from "../../support/world.ts";

/**
 * These need GET requests that any page on the web could send in the name of its visitor; facet wants a header that
 * browsers ask for first. All three are optional.
 */
const CLOSED_BY_CSRF_PREVENTION = [
  "MAY accept application/x-www-form-urlencoded formatted GET requests",
  "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json",
  "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json",
];

let world: World;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
});
afterAll(() => world.stop());

test("answers as the GraphQL over HTTP specification asks", async () => {
  const audits = serverAudits({ url: `${world.url}/graphql` });
  const results = await Promise.all(audits.map((audit) => audit.fn()));
  const failed = results.filter((result) => result.status !== "ok");

  expect(audits).toHaveLength(61);
  expect(failed.map(({ name }) => name).sort()).toEqual(CLOSED_BY_CSRF_PREVENTION);
});
