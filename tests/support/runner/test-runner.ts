import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import "./typescript.ts";
import { setGlobals } from "./jest-globals.ts";

type Globals = Parameters<typeof setGlobals>[0];

interface Environment {
  readonly global: object;
  readonly moduleMocker: Globals["jest"];
}

type RunFile = (
  globalConfig: unknown,
  config: unknown,
  environment: Pick<Environment, "global">,
  runtime: object,
  testPath: string,
  report: unknown,
) => Promise<unknown>;

const require = createRequire(import.meta.url);
const { default: runFile } = require("jest-circus/runner") as { default: RunFile };
const globalsUrl = new URL("./jest-globals.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@jest/globals"
      ? { url: globalsUrl, format: "module", shortCircuit: true }
      : next(specifier, context),
});

/**
 * Runs one test file by Jest's own runner, but lets Node load it and all that it imports. Jest would
 * load every module again for every file, in a virtual machine of its own; here the files that one
 * worker runs share their modules, as requests share those of a server. So a file must put back
 * what it changes, and functions can be mocked but not modules.
 */
export default function run(
  globalConfig: unknown,
  config: unknown,
  { moduleMocker: jest }: Environment,
  _runtime: unknown,
  testPath: string,
  report: unknown,
): Promise<unknown> {
  const runtime = {
    requireInternalModule: requireAnew,
    requireModule: require,
    setGlobalsForRuntime: (globals: Omit<Globals, "jest">) => {
      setGlobals({ ...globals, jest });
    },
    unstable_shouldLoadAsEsm: () => true,
    unstable_importModule: (path: string) => import(pathToFileURL(path).href),
    enterTestCode: () => undefined,
    leaveTestCode: () => undefined,
  };
  // Jest's translates lines of what Jest has loaded, which is nothing; Node's knows them all.
  Reflect.deleteProperty(Error, "prepareStackTrace");
  return runFile(globalConfig, config, { global: globalThis }, runtime, testPath, report).finally(
    () => {
      jest.restoreAllMocks();
    },
  );
}

/** What collects and runs the tests of a file, without those of the file before. */
function requireAnew(path: string): unknown {
  Reflect.deleteProperty(require.cache, path);
  Reflect.deleteProperty(globalThis, Symbol.for("EVENT_HANDLERS"));
  return require(path);
}
