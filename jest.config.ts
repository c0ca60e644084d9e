import type { Config } from "jest";

export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  globalSetup: "<rootDir>/tests/support/global-setup.ts",
  globalTeardown: "<rootDir>/tests/support/global-teardown.ts",
  testRunner: "<rootDir>/tests/support/runner/test-runner.ts",
  testSequencer: "<rootDir>/tests/support/runner/test-sequencer.ts",
  transform: {},
  injectGlobals: false,
  // Also keeps every file out of Jest's own process, whose modules would be old after a change.
  workerIdleMemoryLimit: "1GB",
  testTimeout: 60_000,
  // One more than two cores can run: many files wait for deadlines, locks and processes most of the time.
  maxWorkers: 3,
} satisfies Config;
