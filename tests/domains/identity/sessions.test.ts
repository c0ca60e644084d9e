import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { codes, createBed, newAccount, PASSWORD, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
let counter = 0;
beforeAll(async () => {
  bed = await createBed();
});
afterAll(() => bed.close());

const person = () => newAccount(bed, `person${(counter += 1)}@example.com`);
const login = async (session: any) =>
  (
    await bed.must("LoginWithPassword", {
      input: { identifier: session.viewer.email, password: PASSWORD },
    })
  ).session;
const refresh = (refreshToken: string, userAgent = "facet-app/1") =>
  bed.must("RefreshSession", { input: { refreshToken } }, { userAgent });
const sessionIdOf = (accessToken: string): string =>
  JSON.parse(Buffer.from(accessToken.split(".")[1]!, "base64url").toString()).sid;
const reasonOf = async (token: string) =>
  (await bed.send("Viewer", {}, { token })).errors?.[0]?.extensions.reason ?? "accepted";

test("a refresh token gives new tokens, and its successor works in turn", async () => {
  const first = await person();
  const second = (await refresh(first.refreshToken)).session;
  expect(second.refreshToken).not.toBe(first.refreshToken);
  expect(sessionIdOf(second.accessToken)).toBe(sessionIdOf(first.accessToken));
  const third = (await refresh(second.refreshToken)).session;
  expect(await reasonOf(third.accessToken)).toBe("accepted");
});

test("twenty refreshes of one token at once give one and the same successor", async () => {
  const { refreshToken } = await person();
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
  expect(answers.flatMap(codes)).toEqual([]);
  const successors = new Set(answers.map(({ session }) => session.refreshToken));
  expect(successors.size).toBe(1);
  const [successor] = successors;
  const rows = await bed.database.query(
    `select * from refresh_tokens t where session_id = $1 and rotated_at is null`,
    [sessionIdOf(answers[0].session.accessToken)],
  );
  expect(rows).toHaveLength(1);
  expect(codes(await refresh(successor as string))).toEqual([]);
});

test("a lost answer: the same client gets the same successor for ten seconds", async () => {
  const { refreshToken } = await person();
  const { session } = await refresh(refreshToken);
  bed.clock.forward(9);
  expect((await refresh(refreshToken)).session.refreshToken).toBe(session.refreshToken);
  bed.clock.forward(2);
  expect(codes(await refresh(refreshToken))).toEqual(["TOKEN_USED"]);
  expect(codes(await refresh(session.refreshToken))).toEqual(["SESSION_ENDED"]);
});

test("a token used again by another client ends the whole session at once", async () => {
  const { refreshToken } = await person();
  const { session } = await refresh(refreshToken);
  expect(codes(await refresh(refreshToken, "thief/1"))).toEqual(["TOKEN_USED"]);
  expect(await reasonOf(session.accessToken)).toBe("SESSION_ENDED");
  expect(codes(await refresh(session.refreshToken))).toEqual(["SESSION_ENDED"]);
  expect(bed.nudged).toContain(`session:${sessionIdOf(session.accessToken)}`);
});

test("of two clients that use a stolen token at the same moment one ends it for both", async () => {
  const { refreshToken } = await person();
  const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken, "thief/1")]);
  expect(answers.flatMap(codes)).toEqual(["TOKEN_USED"]);
  const winner = answers.find((answer) => answer.session)!.session;
  expect(codes(await refresh(winner.refreshToken))).toEqual(["SESSION_ENDED"]);
});

test("an unused refresh token expires; unknown and malformed ones are refused", async () => {
  const { refreshToken } = await person();
  bed.clock.forward(604_801);
  expect(codes(await refresh(refreshToken))).toEqual(["TOKEN_EXPIRED"]);
  expect(codes(await refresh("y".repeat(43)))).toEqual(["TOKEN_INVALID"]);
  const refused = await refresh("rubbish");
  expect(codes(refused)).toEqual(["TOKEN_INVALID"]);
  expect(refused.problems[0].path).toEqual(["input", "refreshToken"]);
});

test("an access token works for ten minutes and not altered", async () => {
  const { accessToken } = await person();
  expect(await reasonOf(accessToken)).toBe("accepted");
  const [header, body, signature] = accessToken.split(".") as [string, string, string];
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const admin = encode({ ...claims, role: "ADMIN" });
  const none = encode({ alg: "none", typ: "at+jwt" });
  const own = `${header}.${admin}`;
  const forged = createHmac("sha256", "guess").update(own).digest("base64url");
  for (const token of [
    `${header}.${admin}.${signature}`,
    `${none}.${admin}.`,
    `${own}.${forged}`,
    `${header}.${body}.`,
    "rubbish",
  ]) {
    expect(await reasonOf(token)).toBe("MALFORMED_TOKEN");
  }
  bed.clock.forward(601);
  expect(await reasonOf(accessToken)).toBe("TOKEN_EXPIRED");
});

test("logout refuses the access token at once on every node, and the refresh token", async () => {
  const session = await person();
  const other = await login(session);
  const node = bed.node(null);
  const answer = await bed.must("Logout", { input: {} }, { token: session.accessToken });
  expect(answer.problems).toEqual([]);
  expect(await reasonOf(session.accessToken)).toBe("SESSION_ENDED");
  expect(await node.authenticator.authenticate(session.accessToken)).toBe("SESSION_ENDED");
  expect(codes(await refresh(session.refreshToken))).toEqual(["SESSION_ENDED"]);
  expect(await reasonOf(other.accessToken)).toBe("accepted");
  const ids = [session, other].map(({ accessToken }) => sessionIdOf(accessToken));
  const gone = await bed.identity.sessionEndings.endedAmong([...ids, "ses_unknown"]);
  expect([...gone].sort()).toEqual([ids[0], "ses_unknown"].sort());
  expect(bed.nudged).toContain(bed.identity.sessionEndings.topicOf(ids[0]!));
});

test("logoutAll ends every session, or every other", async () => {
  const first = await person();
  const others = [await login(first), await login(first)];
  const kept = await bed.must(
    "LogoutAll",
    { input: { keepCurrent: true } },
    { token: first.accessToken },
  );
  expect(kept.endedCount).toBe(2);
  expect(await reasonOf(first.accessToken)).toBe("accepted");
  for (const { accessToken } of others) expect(await reasonOf(accessToken)).toBe("SESSION_ENDED");
  await bed.must("LogoutAll", { input: {} }, { token: first.accessToken });
  expect(await reasonOf(first.accessToken)).toBe("SESSION_ENDED");
});

test("sessions are listed newest first in pages, and one can be ended", async () => {
  const first = await person();
  const second = await login(first);
  const third = await login(first);
  const token = first.accessToken;
  const { sessions } = await bed.must("MySessions", { first: 2 }, { token });
  const ids = [third, second, first].map(({ accessToken }) => sessionIdOf(accessToken));
  expect(sessions.nodes.map((node: any) => node.id)).toEqual(ids.slice(0, 2));
  expect(sessions.nodes[0]).toMatchObject({ userAgent: "facet-app/1", current: false });
  expect(sessions.pageInfo.hasNextPage).toBe(true);
  const after = sessions.pageInfo.endCursor;
  const rest = (await bed.must("MySessions", { first: 2, after }, { token })).sessions;
  expect(rest.nodes).toMatchObject([{ id: ids[2], current: true }]);

  await bed.must("EndSession", { input: { sessionId: ids[1] } }, { token });
  expect(await reasonOf(second.accessToken)).toBe("SESSION_ENDED");
  const left = (await bed.must("MySessions", {}, { token })).sessions.nodes;
  expect(left.map((node: any) => node.id)).toEqual([ids[0], ids[2]]);
});

test("somebody else's session looks like none, and lives on", async () => {
  const mine = await person();
  const theirs = await person();
  for (const sessionId of [sessionIdOf(theirs.accessToken), "ses_0000000000000", "rubbish"]) {
    const answer = await bed.send(
      "EndSession",
      { input: { sessionId } },
      { token: mine.accessToken },
    );
    expect(answer.errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  }
  expect(await reasonOf(theirs.accessToken)).toBe("accepted");
});

test("what is old is deleted, what is open stays", async () => {
  const open = await person();
  await bed.must("Logout", { input: {} }, { token: (await login(open)).accessToken });
  const cleanup = bed.identity.crons!.find(({ name }) => name === "remove_old_sign_in_rows")!;
  await cleanup.run();
  expect(codes(await refresh(open.refreshToken))).toEqual([]);
  bed.clock.forward(200 * 86_400);
  await cleanup.run();
  for (const table of ["sessions", "refresh_tokens", "email_tokens", "auth_events"]) {
    expect(await bed.database.query(`select 1 from ${table}`)).toEqual([]);
  }
});
