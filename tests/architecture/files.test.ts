import { basename } from "node:path";
import { expect, test } from "@jest/globals";
import { importedNames, literals, parsed, projectFiles, textOf, unexplained } from "./source.ts";

const files = projectFiles();
const sources = files.filter((path) => /^src\/.*\.ts$/.test(path));
const domainFiles = sources.filter((path) => path.startsWith("src/domains/"));

test("no file is longer than 350 lines", () => {
  const long = files
    .filter((path) => /\.(ts|js|cjs)$/.test(path))
    .filter((path) => textOf(path).trimEnd().split("\n").length > 350);
  expect(long).toEqual([]);
});

test("no drawer for odds and ends", () => {
  expect(
    files.filter((path) => /(^|\/)(utils?|helpers?|common|shared|misc)(\/|\.[a-z.]+$)/.test(path)),
  ).toEqual([]);
});

test("names are lower case with hyphens", () => {
  expect(
    files.filter(
      (path) => /\.ts$/.test(path) && !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(basename(path)),
    ),
  ).toEqual([]);
});

test("every domain has a door of at most 15 statements and a README of at most 40 lines", () => {
  const domains = new Set(domainFiles.map((path) => path.split("/").slice(0, 3).join("/")));
  for (const domain of domains) {
    expect(files).toContain(`${domain}/index.ts`);
    expect(parsed(`${domain}/index.ts`).statements.length).toBeLessThanOrEqual(15);
    expect(files).toContain(`${domain}/README.md`);
    expect(textOf(`${domain}/README.md`).split("\n").length).toBeLessThanOrEqual(40);
  }
});

test("every function and class that others can use is explained", () => {
  // The embedded stores are used through their door only.
  const open = sources.filter((path) => !/^src\/platform\/embedded\/.*\//.test(path));
  expect(
    open.flatMap((path) => unexplained(parsed(path)).map((name) => `${path}: ${name}`)),
  ).toEqual([]);
});

test("SQL stands in repositories and the platform", () => {
  const statement =
    /^["'`]\s*(select|insert\s+into|update|delete\s+from|with)\s[^]*\b(from|set|values|where|as)\b/i;
  const places = sources.filter(
    (path) => !path.startsWith("src/platform/") && !/\.(repository|entity)\.ts$/.test(path),
  );
  expect(
    places.filter((path) =>
      literals(parsed(path)).some((text) => /^["'`]\s*[a-z]/.test(text) && statement.test(text)),
    ),
  ).toEqual([]);
});

test("a resolver is given rows, never a repository", () => {
  const resolvers = sources.filter((path) => path.endsWith(".resolver.ts"));
  expect(
    resolvers.flatMap((path) =>
      importedNames(parsed(path), /\.repository\.ts$/)
        .filter((name) => /(Repository|Reader|Writer|Store)$/.test(name))
        .map((name) => `${path}: ${name}`),
    ),
  ).toEqual([]);
});

test("nothing names a folder of one machine", () => {
  const machinePath = /(?<![\w./}*)])\/(?:work|home|root|mnt|Users)\/\w/;
  const text = files.filter((path) => !/\.(jpe?g|png|webp|ico|gz|wasm)$/.test(path));
  expect(text.filter((path) => machinePath.test(textOf(path)))).toEqual([]);
});
