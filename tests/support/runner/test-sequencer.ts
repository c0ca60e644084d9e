import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { default: Sequencer } =
  require("@jest/test-sequencer") as typeof import("@jest/test-sequencer");

type Tests = Parameters<InstanceType<typeof Sequencer>["sort"]>[0];

/** Where servers and stores are started and killed: files that are short to read and long to run. */
const SLOW = /\/tests\/(journeys|platform\/(embedded|jobs))\//;

/** Jest's own order, but what is slow begins first, so that no worker is left alone with it at the end. */
export default class SlowFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const { slow = [], other = [] } = Object.groupBy(await super.sort(tests), ({ path }) =>
      SLOW.test(path) ? "slow" : "other",
    );
    return [...slow, ...other];
  }
}
