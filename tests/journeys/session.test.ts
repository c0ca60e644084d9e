import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  JobsDocument,
  ViewerDocument,
  ViewerEventsDocument,
} from "../../src/client/generated/graphql.ts";
import type { FacetClient } from "../../src/client/index.ts";
import { createWorld, type World } from "../support/world.ts";
import { openApp } from "./app-user.ts";

let world: World;
let app: FacetClient;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
});
afterAll(async () => {
  app.stop();
  await world.stop();
});

const viewerId = async () =>
  (await app.apollo.query({ query: ViewerDocument, fetchPolicy: "network-only" })).data?.viewer?.id;

test("operations with a token that the server refuses are sent again with a new one", async () => {
  app = await openApp(world.url);
  const session = await app.session.current();
  if (!session) throw new Error("Nobody is signed in.");
  await app.session.replace({ ...session, accessToken: "no.longer.good" });
  const [id, jobs] = await Promise.all([
    viewerId(),
    app.apollo.query({ query: JobsDocument, fetchPolicy: "network-only" }),
  ]);
  expect(id).toBe(session.userId);
  expect(jobs.data?.viewer?.jobs.nodes).toEqual([]);
  expect((await app.session.current())?.refreshToken).not.toBe(session.refreshToken);
});

test("a live connection with a refused token comes back with a new one", async () => {
  const session = await app.session.current();
  if (!session) throw new Error("Nobody is signed in.");
  await app.session.replace({ ...session, accessToken: "no.longer.good" });
  const connected = new Promise((resolve) => app.socket.on("connected", resolve));
  const subscription = app.apollo
    .subscribe({ query: ViewerEventsDocument, variables: { after: 0 } })
    .subscribe({});
  await connected;
  subscription.unsubscribe();
  expect((await app.session.current())?.accessToken).not.toBe("no.longer.good");
});

test("a session that has ended signs the app out", async () => {
  const session = await app.session.current();
  if (!session) throw new Error("Nobody is signed in.");
  await app.session.replace({
    ...session,
    accessToken: "no.longer.good",
    refreshToken: "never-was-one",
  });
  await expect(viewerId()).rejects.toThrow("Sign in first.");
  expect(await app.session.current()).toBeNull();
});
