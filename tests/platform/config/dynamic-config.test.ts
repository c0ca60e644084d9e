import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import type {
  DocumentListener,
  DocumentSource,
} from "../../../src/platform/config/dynamic/document-source.ts";
import { DynamicConfig } from "../../../src/platform/config/dynamic/dynamic-config.ts";
import { FileSource } from "../../../src/platform/config/dynamic/file-source.ts";
import { Snapshot } from "../../../src/platform/config/dynamic/snapshot.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { until } from "../../support/until.ts";

const schema = z.strictObject({ points: z.int().min(0), name: z.string().default("none") });
type Document = z.infer<typeof schema>;

/** A source that says what a test tells it to say. */
class Told implements DocumentSource {
  listener: DocumentListener | null = null;
  constructor(private readonly first: (listener: DocumentListener) => void = () => undefined) {}
  watch(listener: DocumentListener): void {
    this.listener = listener;
    this.first(listener);
  }
  stop(): Promise<void> {
    this.listener = null;
    return Promise.resolve();
  }
}

let dir: string;
let path: string;
let lines: { level: number; msg: string; problems?: string[] }[];
const opened: DynamicConfig<Document>[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "facet-dynamic-"));
  path = join(dir, "below", "snapshot.json");
  lines = [];
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  rmSync(dir, { recursive: true, force: true });
});

function open(source: DocumentSource | null): DynamicConfig<Document> {
  const log = createLogger("info", {}, { write: (line) => lines.push(JSON.parse(line)) });
  const snapshot = new Snapshot(path);
  const one = new DynamicConfig({ schema, defaults: { points: 10 }, source, snapshot, log });
  opened.push(one);
  return one;
}

const saying = (text: string) => new Told((listener) => listener.onDocument(text));
const silent = new Told((listener) => listener.onFault(new Error("down")));

test("the defaults apply without a source", async () => {
  const config = open(null);
  await config.start(5_000);
  expect(config.current()).toEqual({ points: 10, name: "none" });
});

test("defaults that do not fit are an error of the program", () => {
  const log = createLogger("silent");
  const broken = { schema, defaults: { points: -1 }, source: null, snapshot: null, log };
  expect(() => new DynamicConfig(broken)).toThrow(z.ZodError);
});

test("a start ends with the first document, and it applies", async () => {
  const config = open(saying('{"points":3}'));
  await config.start(60_000);
  expect(config.current().points).toBe(3);
});

test("a start ends with a fault, and when the source says nothing", async () => {
  await open(silent).start(60_000);
  const config = open(new Told());
  await config.start(5);
  expect(config.current().points).toBe(10);
});

describe("a document that is not good changes nothing", () => {
  test.each([
    ["no JSON", "points: 1"],
    ["half JSON", '{"points":'],
    ["nothing", ""],
    ["null", "null"],
    ["one wrong value", '{"points":1,"name":7}'],
    ["out of range", '{"points":-1}'],
    ["a misspelt name", '{"points":1,"nmae":"x"}'],
    ["a list", "[]"],
  ])("%s", async (_name, text) => {
    const source = saying('{"points":3}');
    const config = open(source);
    const seen: Document[] = [];
    await config.start(60_000);
    config.onChange((document) => seen.push(document));
    source.listener?.onDocument(text);
    expect(config.current()).toEqual({ points: 3, name: "none" });
    expect(seen).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe('{"points":3}');
    expect(lines.filter(({ level }) => level === 50)).toHaveLength(1);
  });

  test("the log names what is wrong, not its value", async () => {
    await open(saying('{"points":"hunter2"}')).start(60_000);
    expect(lines.find(({ problems }) => problems)?.problems).toEqual(["points: invalid_type"]);
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });
});

describe("the snapshot", () => {
  test("stands in for a source that is away at the next start", async () => {
    await open(saying('{"points":3}')).start(60_000);
    const config = open(silent);
    expect(config.current().points).toBe(3);
    await config.start(60_000);
    expect(config.current().points).toBe(3);
  });

  test("is replaced as a whole and leaves no drafts", async () => {
    const source = saying('{"points":3}');
    await open(source).start(60_000);
    source.listener?.onDocument('{"points":4}');
    expect(readFileSync(path, "utf8")).toBe('{"points":4}');
    expect(readdirSync(join(dir, "below"))).toEqual(["snapshot.json"]);
  });

  test("that does not fit any more gives way to the defaults", async () => {
    await open(saying('{"points":3}')).start(60_000);
    writeFileSync(path, '{"points":');
    expect(open(null).current().points).toBe(10);
  });

  test("that cannot be written does not hold a document up", async () => {
    writeFileSync(join(dir, "below"), "a file where a folder should be");
    const config = open(saying('{"points":3}'));
    await config.start(60_000);
    expect(config.current().points).toBe(3);
  });
});

test("followers hear each change until they leave, and none harms another", async () => {
  const source = saying('{"points":3}');
  const config = open(source);
  await config.start(60_000);
  const seen: number[] = [];
  config.onChange(() => {
    throw new Error("broken follower");
  });
  const leave = config.onChange(({ points }) => seen.push(points));
  source.listener?.onDocument('{"points":4}');
  leave();
  source.listener?.onDocument('{"points":5}');
  expect(seen).toEqual([4]);
  expect(config.current().points).toBe(5);
});

test("a document that is told again is no change", async () => {
  const source = saying('{"points":3}');
  await open(source).start(60_000);
  const config = open(source);
  const seen: Document[] = [];
  config.onChange((document) => seen.push(document));
  await config.start(60_000);
  source.listener?.onDocument('{"points":3}');
  expect(seen).toEqual([]);
  expect(config.current().points).toBe(3);
});

test("an outage is one line in the log, and its end another", async () => {
  const source = saying('{"points":3}');
  await open(source).start(60_000);
  for (let fault = 0; fault < 5; fault += 1) source.listener?.onFault(new Error("down"));
  source.listener?.onReached();
  source.listener?.onReached();
  expect(lines.filter(({ level }) => level === 40)).toHaveLength(1);
  expect(lines.filter(({ msg }) => msg.includes("followed again"))).toHaveLength(1);
});

test("a file is followed, also when it is replaced", async () => {
  const file = join(dir, "plans.json");
  writeFileSync(file, '{"points":1}');
  const config = open(new FileSource(file));
  await config.start(60_000);
  expect(config.current().points).toBe(1);
  writeFileSync(`${file}.new`, '{"points":22}');
  renameSync(`${file}.new`, file);
  await until(() => config.current().points === 22);
});

test("a file that is missing leaves the defaults and is told", async () => {
  const config = open(new FileSource(join(dir, "nowhere.json")));
  await config.start(60_000);
  expect(config.current().points).toBe(10);
  expect(lines.filter(({ level }) => level === 40)).toHaveLength(1);
});
