import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import {
  environmentExample,
  environmentSchema,
  InvalidConfig,
  loadConfig,
} from "../../../src/platform/config/env.ts";

const PRODUCTION = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://db/facet",
  MONGODB_URL: "mongodb://mongo/facet",
  REDIS_URL: "redis://redis",
  PUBLIC_URL: "https://api.example.com/",
  SECRET_KEY: "a-secret-of-this-installation-0123456789",
  MAIL_MODE: "live",
  BREVO_API_KEY: "key",
};

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfig) return error.problems;
    throw error;
  }
}

describe(".env.example", () => {
  const example = readFileSync(new URL("../../../.env.example", import.meta.url), "utf8");

  test("is what the schema generates; refresh it with `npm run --silent cli -- env-example > .env.example`", () => {
    expect(example).toBe(environmentExample());
  });

  test("explains every variable", () => {
    for (const [name, schema] of Object.entries(environmentSchema.shape)) {
      expect([name, schema.description ?? ""]).toEqual([name, expect.stringMatching(/\w{3}/)]);
    }
  });

  test("is itself a working configuration, with the defaults", () => {
    const pairs = example
      .split("\n")
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]);
    expect(loadConfig(Object.fromEntries(pairs))).toEqual(loadConfig({}));
  });
});

describe("reading the environment", () => {
  test("nothing set means the embedded, local installation", () => {
    expect(loadConfig({})).toMatchObject({
      NODE_ENV: "development",
      PORT: 4000,
      ORBO_MODE: "local",
      publicUrl: "http://localhost:4000",
      production: false,
    });
  });

  test("an empty value counts as not set", () => {
    expect(loadConfig({ PORT: "", DATABASE_URL: "" })).toEqual(loadConfig({}));
  });

  test("all mistakes are told at once, each with the variable's name", () => {
    const problems = problemsOf({
      PORT: "http",
      DATABASE_URL: "mysql://db",
      SECRET_KEY: "short",
      ORBO_MODE: "maybe",
      SNOWFLAKE_NODE_ID: "4000",
      DRAIN_SECONDS: "0",
    });
    expect(problems.map((line) => line.split(":")[0])).toEqual([
      "PORT",
      "SECRET_KEY",
      "SNOWFLAKE_NODE_ID",
      "DATABASE_URL",
      "DRAIN_SECONDS",
      "ORBO_MODE",
    ]);
    expect(problems).toContain("DATABASE_URL: a postgres:// URL");
  });

  test("the message of the error lists them for people", () => {
    expect(() => loadConfig({ PORT: "70000", HOST: "::1", LOG_LEVEL: "loud" })).toThrow(
      /not usable:\n {2}- PORT: .*\n {2}- LOG_LEVEL: /,
    );
  });

  test("a live provider without its keys is refused", () => {
    const live = { ORBO_MODE: "live", OPENAI_MODE: "live", MAIL_MODE: "smtp", BLOBS_MODE: "s3" };
    expect(problemsOf(live)).toEqual([
      expect.stringMatching(/^ORBO_CLIENT_ID: needed/),
      expect.stringMatching(/^ORBO_API_KEY: needed/),
      expect.stringMatching(/^OPENAI_API_KEY: needed/),
      expect.stringMatching(/^SMTP_URL: needed/),
      expect.stringMatching(/^S3_ACCESS_KEY_ID: needed/),
      expect.stringMatching(/^S3_SECRET_ACCESS_KEY: needed/),
    ]);
  });

  test("lists, flags and numbers come typed", () => {
    expect(
      loadConfig({
        ALLOWED_ORIGINS: "https://a.example, https://b.example,",
        TRUST_PROXY: "true",
        SNOWFLAKE_NODE_ID: "7",
      }),
    ).toMatchObject({
      ALLOWED_ORIGINS: ["https://a.example", "https://b.example"],
      TRUST_PROXY: true,
      SNOWFLAKE_NODE_ID: 7,
    });
  });
});

describe("production", () => {
  test("a complete configuration is accepted", () => {
    expect(loadConfig(PRODUCTION)).toMatchObject({
      production: true,
      publicUrl: "https://api.example.com",
    });
  });

  test("embedded stores, the default secret and local mail are refused", () => {
    const problems = problemsOf({ NODE_ENV: "production" });
    expect(problems.map((line) => line.split(":")[0])).toEqual([
      "DATABASE_URL",
      "MONGODB_URL",
      "REDIS_URL",
      "PUBLIC_URL",
      "SECRET_KEY",
      "MAIL_MODE",
    ]);
  });

  test.each(["DATABASE_URL", "MONGODB_URL", "REDIS_URL", "PUBLIC_URL", "SECRET_KEY", "MAIL_MODE"])(
    "%s cannot be left out",
    (name) => {
      expect(problemsOf({ ...PRODUCTION, [name]: "" })).toEqual([
        expect.stringMatching(new RegExp(`^${name}: must be`)),
      ]);
    },
  );

  test("the secret of development written out is refused too", () => {
    const { SECRET_KEY } = loadConfig({});
    expect(problemsOf({ ...PRODUCTION, SECRET_KEY })).toEqual([
      "SECRET_KEY: must be set in production",
    ]);
  });
});
