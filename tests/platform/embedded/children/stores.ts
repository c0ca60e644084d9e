import { createInterface } from "node:readline";
import { MongoClient } from "mongodb";
import { startEmbedded } from "../../../../src/platform/embedded/index.ts";
import { createLogger } from "../../../../src/platform/observe/logger.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Inserts one document after the other and says each that was acknowledged. */
async function write(url: string): Promise<never> {
  const client = await new MongoClient(url, { maxPoolSize: 4 }).connect();
  const collection = client.db().collection<{ _id: number; text: string }>("written");
  const last = await collection.findOne({}, { sort: { _id: -1 } });
  let next = (last?._id ?? 0) + 1;
  const insert = async (): Promise<never> => {
    for (;;) {
      const _id = next++;
      await collection.insertOne({ _id, text: "x".repeat(_id % 3_000) });
      say(`wrote ${_id}`);
    }
  };
  const [first] = await Promise.all([insert(), insert(), insert(), insert()]);
  return first;
}

const stores = await startEmbedded({
  dataDir: process.argv[2]!,
  want: { postgres: false, mongo: true, redis: true },
  log: createLogger("error"),
});
say(`mongo ${stores.mongoUrl}`);
say(`redis ${stores.redisUrl}`);
say("ready");
const alive = setInterval(() => undefined, 60_000); // the stores do not keep a process alive
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "write") void write(stores.mongoUrl!);
  if (line === "stop") break;
}
clearInterval(alive);
await stores.stop();
say("stopped");
process.exit(0);
