import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isLeafType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { ANALYZE, watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";

/** A place of the schema that takes an id, as an operation that tries one there. */
interface Probe {
  readonly name: string;
  readonly isSubscription: boolean;
  operation(id: string): string;
}

let world: World;
let ada: TestClient;
let bob: TestClient;
/** Bob's things, one of each kind. */
let bobs: Record<string, string>;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 1, env: { COST_BUDGET_PER_MINUTE: "100000000" } });
  [ada, bob] = [await world.person(), await world.person()];
  bobs = await thingsOf(bob);
});
afterAll(() => world.stop());

async function thingsOf(person: TestClient): Promise<Record<string, string>> {
  const [used, unused] = [
    await world.upload(person, portrait()),
    await world.upload(person, portrait()),
  ];
  const { analyzeSkin } = await person.must(ANALYZE, { input: { uploadId: used } });
  const finished = analyzeSkin.skinAnalysis.id as string;
  await watchToEnd(person, finished);
  const { stores, parts } = world.nodes[0]!;
  const canceled = parts.jobs.newId("SKIN_ANALYSIS");
  await stores.database.query(
    `insert into ai_jobs (id, user_id, kind, status, progress, version, input, attempts, slot, started_at, finished_at)
     select $2, user_id, kind, 'CANCELED', 0, 3, input, 0, slot, started_at, finished_at from ai_jobs where id = $1`,
    [finished, canceled],
  );
  const { viewer } = await person.must("{ viewer { sessions { nodes { id } } } }");
  return {
    user: person.userId,
    used,
    unused,
    finished,
    canceled,
    session: viewer.sessions.nodes[0].id,
  };
}

test("another user's id gets the same answer as one that nothing has, wherever an id is taken", async () => {
  const probes = probesOf(world.nodes[0]!.parts.engine.schema);
  const names = probes.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      "Query.node(id)",
      "Query.nodes(ids)",
      "Query.skinAnalysis(id)",
      "Query.viewer.skinComparison(a)",
      "Query.viewer.skinComparison(b)",
      "Mutation.analyzeSkin(input.uploadId)",
      "Mutation.cancelJob(input.id)",
      "Mutation.deleteSkinAnalysis(input.id)",
      "Mutation.endSession(input.sessionId)",
      "Mutation.retryJob(input.id)",
      "Subscription.jobChanged(id)",
    ]),
  );
  const before = await stateOf(bob);
  for (const probe of probes) {
    for (const [kind, id] of Object.entries(bobs)) {
      const missing = `${id.slice(0, 4)}${"0".repeat(id.length - 4)}`;
      const [foreign, none] = [await answer(ada, probe, id), await answer(ada, probe, missing)];
      expect({ probe: probe.name, kind, answer: foreign }).toEqual({
        probe: probe.name,
        kind,
        answer: none,
      });
    }
  }
  expect(await stateOf(bob)).toEqual(before);
});

test("the same probes find the owner's things", async () => {
  const find = async (name: string, id: string) => {
    const probe = probesOf(world.nodes[0]!.parts.engine.schema).find((one) => one.name === name)!;
    return answer(bob, probe, id);
  };
  expect(await find("Query.node(id)", bobs["finished"]!)).toContain('"SkinAnalysis"');
  expect(await find("Query.nodes(ids)", bobs["user"]!)).toContain('"Viewer"');
  expect(await find("Query.skinAnalysis(id)", bobs["finished"]!)).toContain('"SkinAnalysis"');
  expect(await find("Subscription.jobChanged(id)", bobs["finished"]!)).toContain('"JobChanged"');
});

test("a cursor from another user's list shows nothing of it", async () => {
  const { viewer } = await bob.must("{ viewer { jobs { edges { cursor } } } }");
  expect(viewer.jobs.edges).toHaveLength(2);
  for (const { cursor } of viewer.jobs.edges) {
    for (const page of [`first: 5, after: "${cursor}"`, `last: 5, before: "${cursor}"`]) {
      const seen = await ada.must(`{ viewer { jobs(${page}) { edges { cursor } } } }`);
      expect(seen.viewer.jobs.edges).toEqual([]);
    }
  }
});

/** What a person hears, without the id itself and what differs by chance. */
async function answer(person: TestClient, probe: Probe, id: string): Promise<string> {
  const operation = probe.operation(id);
  const heard = probe.isSubscription
    ? (await person.watch(operation).next()).value
    : await person.send(operation).then(({ data, errors }) => ({ data, errors }));
  return JSON.stringify(heard, (key, value: unknown) => (key === "requestId" ? undefined : value))
    .replaceAll(id, "the id")
    .replaceAll(/"retryAfterMs":\d+/g, "");
}

async function stateOf(person: TestClient): Promise<unknown> {
  const { database } = world.nodes[0]!.stores;
  return database.query(
    `select (select string_agg(id || status || version, ',' order by id) from ai_jobs where user_id = $1) as jobs,
       (select string_agg(id || status, ',' order by id) from uploads where user_id = $1) as uploads,
       (select string_agg(id || coalesce(ended_at::text, ''), ',' order by id) from sessions where user_id = $1) as sessions`,
    [person.userId],
  );
}

/** Every argument and input field of type ID that can be reached from a root without another id. */
function probesOf(schema: GraphQLSchema): Probe[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) =>
    root ? probesBelow(root, [root.name], new Set([root.name]), root.name.toLowerCase()) : [],
  );
}

function probesBelow(
  type: GraphQLObjectType,
  path: readonly string[],
  seen: Set<string>,
  kind: string,
): Probe[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const own = idPlaces(field).map((place): Probe => ({
      name: `${path.join(".")}.${field.name}(${place.join(".")})`,
      isSubscription: kind === "subscription",
      operation: (id) => {
        const call = `${field.name}${argumentsFor(field, place, id)}${selectionOf(field)}`;
        const inner = [...path.slice(1)]
          .reverse()
          .reduce((text, name) => `${name} { ${text} }`, call);
        return `${kind} { ${inner} }`;
      },
    }));
    const below = getNamedType(field.type);
    const walks =
      isObjectType(below) && !seen.has(below.name) && !field.args.some(isRequiredArgument);
    if (!walks || kind !== "query") return own;
    seen.add(below.name);
    return [...own, ...probesBelow(below, [...path, field.name], seen, kind)];
  });
}

function idPlaces(field: GraphQLField<unknown, unknown>): string[][] {
  return field.args.flatMap(({ name, type }) => {
    const named = getNamedType(type);
    if (isLeafType(named)) return named.name === "ID" ? [[name]] : [];
    return isInputObjectType(named)
      ? Object.values(named.getFields())
          .filter((inner) => getNamedType(inner.type).name === "ID")
          .map((inner) => [name, inner.name])
      : [];
  });
}

function argumentsFor(
  field: GraphQLField<unknown, unknown>,
  place: readonly string[],
  id: string,
): string {
  const given = field.args
    .filter((argument) => argument.name === place[0] || isRequiredArgument(argument))
    .map(
      ({ name, type }) => `${name}: ${literal(type, id, name === place[0] ? place[1] : undefined)}`,
    );
  return given.length > 0 ? `(${given.join(", ")})` : "";
}

/** A value that fits; each id in it is the one to try. */
function literal(type: GraphQLInputType, id: string, wanted?: string): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${literal(nullable.ofType, id)}]`;
  if (isEnumType(nullable)) return nullable.getValues()[0]!.name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(
      (field) => field.name === wanted || isRequiredInputField(field),
    );
    return `{ ${fields.map(({ name, type: inner }) => `${name}: ${literal(inner, id)}`).join(", ")} }`;
  }
  const samples: Record<string, string> = { Int: "1", Float: "1", Boolean: "true" };
  return samples[nullable.toString()] ?? JSON.stringify(id);
}

/** Enough of the answer to tell one from another. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return "";
  const hasProblems = isObjectType(type) && "problems" in type.getFields();
  return hasProblems ? " { __typename problems { code message path } }" : " { __typename }";
}
