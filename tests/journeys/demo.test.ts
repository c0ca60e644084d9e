import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { openSalon } from "../domains/tryon/try-on-bed.ts";
import { stockShop } from "../support/stock.ts";
import { createWorld, type World } from "../support/world.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const WORDS = ["analysis", "emoji", "tryon", "chat", "goals", "routine"] as const;
type Word = (typeof WORDS)[number];

interface Shown {
  readonly code: number;
  readonly told: string;
  readonly complained: string;
}

let world: World;
/** Where the demo keeps its files. */
let dir: string;
const demos = new Map<Word, Promise<Shown>>();
let lost: Promise<Shown>;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "facet-demo-"));
  world = await createWorld({ nodes: 1 });
  const shelves = new Set<string>();
  const isFirst = ({ categorySlugs: [shelf = ""] }: { categorySlugs: readonly string[] }) =>
    shelves.size < shelves.add(shelf).size;
  await Promise.all([stockShop(world.nodes[0], isFirst), openSalon(world)]);
  // As its own pages say it: the demo buys there.
  const url = `http://localhost:${new URL(world.url).port}`;
  for (const word of WORDS) demos.set(word, demo(word, "--url", url));
  lost = demo("chat", "--url", "http://127.0.0.1:9");
}, 60_000);
afterAll(async () => {
  await Promise.all(demos.values());
  await world.stop();
  await rm(dir, { recursive: true, force: true });
});

/** `npm run demo -- …` in an empty folder, without npm in between. */
async function demo(...args: string[]): Promise<Shown> {
  const loader = join(PROJECT, "node_modules/tsx/dist/loader.mjs");
  const child = spawn(
    process.execPath,
    ["--import", loader, join(PROJECT, "src/main/demo.ts"), ...args],
    {
      cwd: dir,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TSX_TSCONFIG_PATH: join(PROJECT, "tsconfig.json") },
    },
  );
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code) => {
      resolve(code ?? -1);
    });
  });
  const [told, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, told, complained };
}

/** What a demo that worked has told. */
async function toldBy(word: Word): Promise<string> {
  const { code, told, complained } = await demos.get(word)!;
  expect({ code, complained }).toEqual({ code: 0, complained: "" });
  return told;
}

/** The files that a demo says it has kept. */
const kept = (told: string): Promise<Buffer[]> =>
  Promise.all((told.match(/\/\S+\/facet-demo\/\S+/g) ?? []).map((path) => readFile(path)));

test("analysis: a report", async () => {
  const told = await toldBy("analysis");
  expect(told).toMatch(/Metrics \(100 is best\)\n +Overall .* \d+\n/);
  expect(told).toMatch(/Recommended products\n +\d+\.\d\d /);
});

test("emoji: a sticker that moves", async () => {
  const [sticker, ...others] = await kept(await toldBy("emoji"));
  expect(others).toEqual([]);
  expect((await sharp(sticker).metadata()).pages).toBeGreaterThan(1);
});

test("tryon: a picture of each view", async () => {
  const told = await toldBy("tryon");
  expect(told).toContain("4 credits spent. These are previews");
  const pictures = await kept(told);
  expect(pictures).toHaveLength(4);
  for (const picture of pictures) expect((await sharp(picture).metadata()).format).toBe("jpeg");
});

test("chat: an answer", async () => {
  expect(await toldBy("chat")).toMatch(
    /^Hello!.*\n(.*\S.*\n)+First words after \d+ ms, all after \d+ ms\.\n$/,
  );
});

test("goals: what to reach, and until when", async () => {
  expect(await toldBy("goals")).toMatch(/ \d+ → \d+ by \d{4}-\d\d-\d\d\n(.*\n)+ +\d+ % {2}\S/);
});

test("routine: a morning and an evening with their price", async () => {
  expect(await toldBy("routine")).toMatch(
    /\nMorning\n {2}\S(.*\n)+Evening\n {2}\S(.*\n)+\d+\.\d\d [A-Z]{3} for all of it/,
  );
});

test("a server that is not there is complained about", async () => {
  const { code, complained } = await lost;
  expect([code, complained]).toEqual([1, "\nNo facet answers at http://127.0.0.1:9.\n"]);
});
