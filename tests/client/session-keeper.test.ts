import { expect, test } from "@jest/globals";
import {
  memorySessionStore,
  SessionKeeper,
  storedSession,
  type StoredSession,
} from "../../src/client/index.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");
const session = (more: Partial<StoredSession> = {}): StoredSession => ({
  userId: "usr_1",
  accessToken: "access-1",
  refreshToken: "refresh-1",
  expiresAtMs: NOW + 600_000,
  ...more,
});
const renewed = session({ accessToken: "access-2", refreshToken: "refresh-2" });

function keep(start: StoredSession | null, answers: (() => Promise<StoredSession | null>)[]) {
  const store = memorySessionStore(start);
  const asked: string[] = [];
  const keeper = new SessionKeeper({
    store,
    now: () => NOW,
    refresh: ({ refreshToken }) => {
      asked.push(refreshToken);
      return answers.shift()?.() ?? Promise.reject(new Error("asked too often"));
    },
  });
  return { keeper, store, asked };
}

test("a token that is good for long is used as it is", async () => {
  const { keeper, asked } = keep(session(), []);
  expect(await keeper.accessToken()).toBe("access-1");
  expect(asked).toEqual([]);
});

test("twenty callers with an ending token share one refresh", async () => {
  const { keeper, store, asked } = keep(session({ expiresAtMs: NOW + 5_000 }), [
    () => Promise.resolve(renewed),
  ]);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => keeper.accessToken()));
  expect(new Set(tokens)).toEqual(new Set(["access-2"]));
  expect(asked).toEqual(["refresh-1"]);
  expect(await store.load()).toEqual(renewed);
});

test("a refused token is replaced, but only if it is still the kept one", async () => {
  const { keeper, asked } = keep(session(), [() => Promise.resolve(renewed)]);
  expect(await keeper.accessToken("access-1")).toBe("access-2");
  expect(await keeper.accessToken("access-1")).toBe("access-2");
  expect(asked).toHaveLength(1);
});

test("a session that the server refuses is forgotten, and those who listen are told", async () => {
  const { keeper, store } = keep(session(), [() => Promise.resolve(null)]);
  const told: (StoredSession | null)[] = [];
  keeper.onUserChange((next) => told.push(next));
  expect(await keeper.accessToken("access-1")).toBeNull();
  expect(await store.load()).toBeNull();
  expect(told).toEqual([null]);
});

test("without network the old token serves to its end, and nothing is forgotten", async () => {
  const offline = () => Promise.reject(new Error("offline"));
  const ending = keep(session({ expiresAtMs: NOW + 5_000 }), [offline]);
  expect(await ending.keeper.accessToken()).toBe("access-1");

  const ended = keep(session({ expiresAtMs: NOW - 1 }), [offline, () => Promise.resolve(renewed)]);
  await expect(ended.keeper.accessToken()).rejects.toThrow("offline");
  expect(await ended.keeper.accessToken()).toBe("access-2");
});

test("signing out while a refresh is under way stays signed out", async () => {
  let answer = (_session: StoredSession) => {};
  const { keeper } = keep(session({ expiresAtMs: NOW }), [
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  ]);
  const token = keeper.accessToken();
  await keeper.current();
  await keeper.replace(null);
  answer(renewed);
  expect(await token).toBeNull();
  expect(await keeper.current()).toBeNull();
});

test("a device whose clock is fast does not refresh with each request", () => {
  const issued = {
    accessToken: "a",
    refreshToken: "r",
    accessTokenExpiresAt: new Date(NOW - 3_600_000).toISOString(),
    viewer: { id: "usr_1" },
  };
  expect(storedSession(issued, NOW).expiresAtMs).toBe(NOW + 60_000);
});
