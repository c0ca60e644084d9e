import { expect, test } from "@jest/globals";
import { environmentSchema, loadConfig } from "../../src/platform/config/env.ts";
import { textOf } from "./source.ts";

/** The variables that docker-compose.yml gives to facet, with its defaults filled in. */
function composeEnvironment(): Record<string, string> {
  const block = /environment: &environment\n((?: {4}.*\n)+)/.exec(
    textOf("docker-compose.yml"),
  )?.[1];
  const lines = (block ?? "").matchAll(/^ {4}([A-Z0-9_]+): (.*)$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = "", value = ""]) => [
      name,
      value
        .replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1")
        .replaceAll(/\$\{\w+:\?[^}]*\}/g, "given-by-the-operator-0123456789abcdef")
        .replaceAll('"', ""),
    ]),
  );
}

test("docker-compose.yml sets only variables that exist, and production accepts them", () => {
  const environment = composeEnvironment();
  expect(environment).toHaveProperty("DATABASE_URL");
  expect(Object.keys(environment).filter((name) => !(name in environmentSchema.shape))).toEqual([]);
  expect(loadConfig(environment)).toMatchObject({ production: true, BLOBS_MODE: "s3" });
});

/** What a container decides for itself: how it listens and keeps files, and what only one of several may be given. */
const NOT_PASSED = ["HOST", "PORT", "DATA_DIR", "SNOWFLAKE_NODE_ID", "DYNAMIC_CONFIG_FILE"];

test("docker-compose.yml passes every variable through, so that each can be set from outside", () => {
  const environment = composeEnvironment();
  const missing = Object.keys(environmentSchema.shape).filter(
    (name) => !(name in environment) && !NOT_PASSED.includes(name),
  );
  expect(missing).toEqual([]);
});

test("the image and the workflow use Node of the version that the project names", () => {
  const version = textOf(".nvmrc").trim().split(".")[0];
  for (const path of ["Dockerfile", ".github/workflows/ci.yml"]) {
    const images = textOf(path).match(/node:\d+/g) ?? [];
    expect([path, ...new Set(images)]).toEqual([path, `node:${version}`]);
  }
});
