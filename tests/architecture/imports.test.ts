import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "@jest/globals";
import { cruise, type ICruiseOptions, type ICruiseResult } from "dependency-cruiser";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { forbidden, options } = createRequire(import.meta.url)(
  join(root, ".dependency-cruiser.cjs"),
) as { forbidden: NonNullable<ICruiseOptions["ruleSet"]>["forbidden"]; options: ICruiseOptions };

async function violationsIn(folder: string): Promise<string[]> {
  const { output } = await cruise(["src", "migrations"], {
    ...options,
    ruleSet: { forbidden: forbidden ?? [] },
    validate: true,
    baseDir: folder,
  });
  return (output as ICruiseResult).summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} → ${to}`,
  );
}

const planted = realpathSync(mkdtempSync(join(tmpdir(), "facet-imports-")));
afterAll(() => {
  rmSync(planted, { recursive: true, force: true });
});

function plant(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(planted, path)), { recursive: true });
    writeFileSync(join(planted, path), text);
  }
}

test("every import follows the rules", async () => {
  expect(await violationsIn(root)).toEqual([]);
});

test("the rules bite", async () => {
  plant({
    "migrations/index.ts": "export {};",
    "node_modules/openai/package.json": '{"name":"openai","main":"index.js"}',
    "node_modules/openai/index.js": "",
    "node_modules/pg/package.json": '{"name":"pg","main":"index.js"}',
    "node_modules/pg/index.js": "",
    "src/platform/clock.ts": 'import { x } from "../domains/catalog/index.ts"; void x;',
    "src/domains/catalog/index.ts": 'export { x } from "./a.service.ts";',
    "src/domains/catalog/a.service.ts": 'import "pg"; import "./b.ts"; export const x = 1;',
    "src/domains/catalog/b.ts": 'import "./a.service.ts";',
    "src/domains/catalog/a.repository.ts": "export type Row = string; export const run = 1;",
    "src/domains/catalog/a.resolver.ts":
      'import { run } from "./a.repository.ts"; import "../../integrations/s3/s3.ts"; void run;',
    "src/domains/catalog/b.resolver.ts":
      'import type { Row } from "./a.repository.ts"; export type Mine = Row;',
    "src/domains/identity/user.service.ts":
      'import { x } from "../catalog/index.ts"; import "../catalog/a.service.ts"; void x;',
    "src/integrations/s3/s3.ts": 'import "../orbo/orbo.ts";',
    "src/integrations/orbo/orbo.ts": "",
    "src/main/start.ts": 'import "openai";',
  });
  const rules = (await violationsIn(planted)).map((line) => line.split(" → ")[0]);
  expect([...new Set(rules)].sort()).toEqual([
    "domain-without-doors: src/domains/identity/user.service.ts",
    "domains-know-platform-only: src/domains/catalog/a.resolver.ts",
    "domains-through-the-door: src/domains/identity/user.service.ts",
    "drivers-in-repositories: src/domains/catalog/a.service.ts",
    "integrations-know-platform-only: src/integrations/s3/s3.ts",
    "no-cycles: src/domains/catalog/a.service.ts",
    "platform-knows-itself-only: src/platform/clock.ts",
    "resolvers-ask-services: src/domains/catalog/a.resolver.ts",
    "vendors-in-integrations: src/main/start.ts",
  ]);
});
