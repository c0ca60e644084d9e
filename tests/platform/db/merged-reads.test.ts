import { expect, test } from "@jest/globals";
import {
  mergedByKeys,
  mergedByShape,
  mergedWhenEqual,
} from "../../../src/platform/db/merged-reads.ts";

interface Row {
  readonly key: string;
  readonly version: number;
}

/** A store whose statements end when they are told to. */
function openStore() {
  const sent: { keys: readonly string[]; end(error?: Error): void }[] = [];
  let version = 0;
  const fetch = (keys: readonly string[]): Promise<Row[]> => {
    const rows = keys.flatMap((key) => (key === "none" ? [] : [{ key, version }]));
    return new Promise((resolve, reject) => {
      sent.push({ keys, end: (error) => (error ? reject(error) : resolve(rows)) });
    });
  };
  return { sent, fetch, write: () => (version += 1) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("reads of one moment are one statement; each caller gets his own rows", async () => {
  const { sent, fetch } = openStore();
  const read = mergedByKeys(fetch, (row) => row.key);
  const answers = Promise.all([read(["a", "b"]), read(["b", "none"]), read(["c"])]);
  await turn();
  expect(sent.map(({ keys }) => keys)).toEqual([["a", "b", "none", "c"]]);
  sent[0]!.end();
  const keys = (await answers).map((rows) => rows.map(({ key }) => key));
  expect(keys).toEqual([["a", "b"], ["b"], ["c"]]);
});

test("a read never joins a statement that was sent before", async () => {
  const { sent, fetch, write } = openStore();
  const read = mergedByKeys(fetch, (row) => row.key);
  const early = read(["a"]);
  await turn();
  write();
  const late = read(["a"]);
  await turn();
  for (const { end } of sent) end();
  expect([(await early)[0]?.version, (await late)[0]?.version]).toEqual([0, 1]);
});

test("what comes while two statements run waits and goes together", async () => {
  const { sent, fetch } = openStore();
  const read = mergedByKeys(fetch, (row) => row.key);
  const answers: Promise<readonly Row[]>[] = [];
  for (const key of ["a", "b", "c", "d", "e"]) {
    answers.push(read([key]));
    await turn();
  }
  expect(sent.map(({ keys }) => keys)).toEqual([["a"], ["b"]]);
  sent[0]!.end();
  await answers[0];
  await turn();
  expect(sent[2]?.keys).toEqual(["c", "d", "e"]);
  sent[1]!.end();
  sent[2]!.end();
  await Promise.all(answers);
});

test("a statement that fails fails for those who share it, and for nobody after", async () => {
  const { sent, fetch } = openStore();
  const read = mergedByKeys(fetch, (row) => row.key);
  const both = Promise.allSettled([read(["a"]), read(["b"])]);
  await turn();
  sent[0]!.end(new Error("away"));
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const again = read(["a"]);
  await turn();
  sent[1]!.end();
  expect(await again).toHaveLength(1);
});

test("equal reads become one, until it is sent", async () => {
  let sent = 0;
  const ends: (() => void)[] = [];
  const read = mergedWhenEqual((page: number) => {
    sent += 1;
    const mine = sent;
    return new Promise<string>((resolve) => ends.push(() => resolve(`${page} by ${mine}`)));
  });
  const first = Promise.all([read(1), read(1), read(2)]);
  await turn();
  await turn();
  expect(sent).toBe(2);
  const second = Promise.all([read(1), read(1)]);
  for (const end of ends.splice(0)) end();
  expect(await first).toEqual(["1 by 1", "1 by 1", "2 by 2"]);
  await turn();
  for (const end of ends.splice(0)) end();
  expect(await second).toEqual(["1 by 3", "1 by 3"]);
});

test("only reads of one shape become one statement, and a shape that nobody waits for is forgotten", async () => {
  const sent: [number, readonly string[]][] = [];
  const read = mergedByShape(
    (shape: number, keys: readonly string[]) => {
      sent.push([shape, keys]);
      return Promise.resolve(keys.map((key) => ({ key, version: shape })));
    },
    (row: Row) => row.key,
  );
  const answers = await Promise.all([read(1, ["a"]), read(2, ["a"]), read(1, ["b"])]);
  expect(sent).toEqual([
    [1, ["a", "b"]],
    [2, ["a"]],
  ]);
  expect(answers.map((rows) => rows[0])).toEqual([
    { key: "a", version: 1 },
    { key: "a", version: 2 },
    { key: "b", version: 1 },
  ]);
  await read(1, ["a"]);
  expect(sent).toHaveLength(3);
});
