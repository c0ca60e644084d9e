import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { OperationTypeNode } from "graphql";
import { permissionsOf } from "../../src/main/policy.ts";
import { buildSchemaOffline } from "../../src/main/schema-offline.ts";
import { belongingsOf, personWith, stateOf, type Belonging } from "../support/belongings.ts";
import type { TestClient } from "../support/client.ts";
import { callOf, idProbesOf, type IdProbe } from "../support/field-calls.ts";
import { createWorld, type World } from "../support/world.ts";

/** What each place that takes an id wants; of a field that is public, or of the staff for everybody's rows, it is not owned. */
const PLACES: Record<string, Belonging | "not owned"> = {
  "Mutation.abandonGoal(input.goalId)": "goal",
  "Mutation.addReview(input.productId)": "not owned",
  "Mutation.addToWishlist(input.productId)": "not owned",
  "Mutation.adminDeleteHairstyle(input.id)": "not owned",
  "Mutation.adminModerateReview(input.id)": "not owned",
  "Mutation.adminReplayWebhook(input.id)": "not owned",
  "Mutation.adminUpdateHairstyle(input.id)": "not owned",
  "Mutation.analyzeSkin(input.uploadId)": "upload",
  "Mutation.cancelJob(input.id)": "analysis",
  "Mutation.cancelSubscription(input.id)": "subscription",
  "Mutation.completeGoal(input.goalId)": "goal",
  "Mutation.createEmojiTask(input.templateId)": "not owned",
  "Mutation.createEmojiTask(input.uploadId)": "upload",
  "Mutation.createHairTryOn(input.hairstyleId)": "not owned",
  "Mutation.createHairTryOn(input.uploadId)": "upload",
  "Mutation.deleteChatroom(input.id)": "chatroom",
  "Mutation.deleteEmojiTask(input.id)": "emojiTask",
  "Mutation.deleteReview(input.reviewId)": "review",
  "Mutation.deleteRoutinePlan(input.id)": "routinePlan",
  "Mutation.deleteHairTryOn(input.id)": "hairTryOn",
  "Mutation.deleteSkinAnalysis(input.id)": "analysis",
  "Mutation.endSession(input.sessionId)": "session",
  "Mutation.generateGoals(input.analysisId)": "analysis",
  "Mutation.logGoalProgress(input.goalId)": "goal",
  "Mutation.markAllNotificationsRead(input.upToId)": "notification",
  "Mutation.markNotificationRead(input.id)": "notification",
  "Mutation.recommendRoutine(input.analysisId)": "analysis",
  "Mutation.regenerateReply(input.messageId)": "reply",
  "Mutation.removeAddress(input.addressId)": "address",
  "Mutation.removeFromWishlist(input.productId)": "not owned",
  "Mutation.renameChatroom(input.id)": "chatroom",
  "Mutation.resumeSubscription(input.id)": "subscription",
  "Mutation.retryJob(input.id)": "analysis",
  "Mutation.sendMessage(input.chatroomId)": "chatroom",
  "Mutation.setDefaultAddress(input.addressId)": "address",
  "Mutation.setHairTryOnFavourite(input.id)": "hairTryOn",
  "Mutation.setProfilePicture(input.uploadId)": "upload",
  "Mutation.stopReply(input.id)": "reply",
  "Mutation.updateAddress(input.addressId)": "address",
  "Mutation.updateGoal(input.goalId)": "goal",
  "Mutation.updateReview(input.reviewId)": "review",
  "Mutation.voteReviewHelpful(input.reviewId)": "not owned",
  "Query.chatroom(id)": "chatroom",
  "Query.emojiTask(id)": "emojiTask",
  "Query.goal(id)": "goal",
  "Query.goalPlan(id)": "goalPlan",
  "Query.hairTryOn(id)": "hairTryOn",
  "Query.hairstyle(id)": "not owned",
  "Query.node(id)": "analysis",
  "Query.nodes(ids)": "user",
  "Query.product(id)": "not owned",
  "Query.products(filter.categoryIds)": "not owned",
  "Query.routinePlan(id)": "routinePlan",
  "Query.skinAnalysis(id)": "analysis",
  "Query.viewer.skinComparison(a)": "analysis",
  "Query.viewer.skinComparison(b)": "analysis",
  "Subscription.chatMessageAdded(chatroomId)": "chatroom",
  "Subscription.chatReplyStreamed(id)": "reply",
  "Subscription.jobChanged(id)": "analysis",
};

/** Public things that a field of one's own takes beside them. */
const PUBLIC_THINGS = [
  "Mutation.addReview(input.productId)",
  "Mutation.addToWishlist(input.productId)",
  "Mutation.createEmojiTask(input.templateId)",
  "Mutation.createHairTryOn(input.hairstyleId)",
  "Mutation.removeFromWishlist(input.productId)",
  "Mutation.voteReviewHelpful(input.reviewId)",
];

const schema = buildSchemaOffline();
const permissions = permissionsOf(schema);
const probes = idProbesOf(schema);
const rootFields = Object.values(OperationTypeNode).flatMap((kind) => {
  const type = schema.getRootType(kind);
  return Object.values(type?.getFields() ?? {}).map((field) => ({
    path: `${type?.name}.${field.name}`,
    kind,
    field,
  }));
});

const SILENT_MS = 2_000;

let world: World;
beforeAll(async () => {
  const env = { COST_BUDGET_PER_MINUTE: "100000000", CODES_PER_HOUR: "1000" };
  world = await createWorld({ nodes: 1, workers: 1, env });
});
afterAll(() => world.stop());

/** What a person hears. */
async function hear(
  client: TestClient,
  kind: `${OperationTypeNode}`,
  operation: string,
  variables = {},
): Promise<any> {
  if (kind !== "subscription") {
    const { data, errors } = await client.send(operation, variables);
    return { data, errors };
  }
  const stream = client.watch(operation, variables);
  // An open stream in which nothing happens has not refused.
  const silence = pause(SILENT_MS, { value: { data: "silent" } }, { ref: false });
  const first = await Promise.race([stream.next(), silence]);
  await stream.return?.();
  return first.value;
}

const codesOf = (heard: any): string[] =>
  (heard.errors ?? []).map(({ extensions }: any) => extensions.code as string);

describe("the table", () => {
  test("says of every root field who may call it", () => {
    const known = new Map(permissions.map((permission) => [permission.field, permission.who]));
    expect(rootFields.filter(({ path }) => !known.get(path)?.length)).toEqual([]);
  });

  test("finds every place that takes an id reachable, and each is named here with what it wants", () => {
    const reached = new Set(probes.map(({ field }) => field));
    const unreached = permissions.filter(({ field, ids }) => ids.length > 0 && !reached.has(field));
    expect(unreached.map(({ field }) => field)).toEqual([]);
    expect(probes.map(({ name }) => name).sort()).toEqual(Object.keys(PLACES).sort());
  });

  test("lets nobody off who asks for rows of their own", () => {
    const rows = new Map(permissions.map((permission) => [permission.field, permission.rows]));
    for (const { name, field } of probes) {
      const notOwned =
        PUBLIC_THINGS.includes(name) || ["public", "all"].includes(rows.get(field) ?? "");
      expect([name, PLACES[name] === "not owned"]).toEqual([name, notOwned]);
    }
  });

  test("knows checks below the roots only where this test walks them", () => {
    const roots = new Set(rootFields.map(({ path }) => path));
    const below = permissions.filter(({ field, who }) => who !== null && !roots.has(field));
    expect(below.map(({ field }) => field)).toEqual([]);
  });
});

describe("over HTTP and WebSocket", () => {
  const callers = ["STRANGER", "CUSTOMER", "MODERATOR", "ADMIN"] as const;
  const doors = rootFields.flatMap((door) => callers.map((caller) => ({ ...door, caller })));
  /** One of each role, until an operation signs them out. */
  const people = new Map<string, Promise<TestClient>>();
  const personFor = (caller: string): Promise<TestClient> => {
    if (caller === "STRANGER") return Promise.resolve(world.stranger());
    const person = people.get(caller) ?? personWith(world, caller);
    people.set(caller, person);
    return person;
  };
  const isSignedOut = async (client: TestClient) =>
    (await client.send("{ viewer { id } }")).errors !== undefined;

  test.each(callers)("each root field answers %s as the table says", async (who) => {
    for (const { path, kind, field, caller } of doors.filter(({ caller }) => caller === who)) {
      const allowed = permissions.find((each) => each.field === path)?.who?.includes(caller);
      if (allowed && kind === OperationTypeNode.SUBSCRIPTION) continue; // It would wait for something to happen.
      const client = await personFor(caller);
      const codes = codesOf(await hear(client, kind, `${kind} { ${callOf(field)} }`));
      const refusals = codes.filter((code) => ["UNAUTHENTICATED", "FORBIDDEN"].includes(code));
      const refusal = caller === "STRANGER" ? "UNAUTHENTICATED" : "FORBIDDEN";
      expect({ path, caller, refusals }).toEqual({
        path,
        caller,
        refusals: allowed ? [] : [refusal],
      });
      await client.close();
      const mayEndSession = allowed && kind === OperationTypeNode.MUTATION;
      if (mayEndSession && (await isSignedOut(client))) people.delete(caller);
    }
  });
});

describe("another user's id", () => {
  let ada: TestClient;
  let bob: TestClient;
  let bobs: Record<Belonging, string>;
  beforeAll(async () => {
    [ada, bob] = [await world.person(), await world.person()];
    bobs = await belongingsOf(world, bob);
  });

  const missingLike = (id: string) => `${id.slice(0, 4)}${"0".repeat(id.length - 4)}`;
  /** An answer without the id itself and what differs by chance. */
  const answer = async (client: TestClient, { kind, operation }: IdProbe, id: string) =>
    JSON.stringify(await hear(client, kind, operation, { id }), (key, value: unknown) =>
      key === "requestId" || key === "retryAfterMs" ? undefined : value,
    ).replaceAll(id, "the id");

  test("gets the same answer as one that nothing has, of whatever kind, and changes nothing", async () => {
    const before = await stateOf(world, bob.userId);
    for (const probe of probes.filter(({ name }) => PLACES[name] !== "not owned")) {
      for (const [kind, id] of Object.entries(bobs)) {
        const [foreign, none] = [
          await answer(ada, probe, id),
          await answer(ada, probe, missingLike(id)),
        ];
        expect({ probe: probe.name, kind, answer: foreign }).toEqual({
          probe: probe.name,
          kind,
          answer: none,
        });
      }
    }
    expect(await stateOf(world, bob.userId)).toEqual(before);
  });

  // Else the test above could pass because nothing is ever found. What removes things comes last.
  test("is found by its owner at each of these places", async () => {
    const removes = ({ name }: IdProbe) => Number(/\.(remove|delete|end)/.test(name));
    for (const probe of [...probes].sort((a, b) => removes(a) - removes(b))) {
      const wanted = PLACES[probe.name];
      if (wanted === undefined || wanted === "not owned") continue;
      const id = bobs[wanted];
      const own = await answer(bob, probe, id);
      const none = await answer(bob, probe, missingLike(id));
      expect([probe.name, own !== none || own]).toEqual([probe.name, true]);
    }
  });
});
