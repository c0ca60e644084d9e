// Node runs this file and all it imports by stripping the types, so that the thread needs no loader and also
// starts under a test runner: no parameter properties, enums or decorators here.
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { MongoServer } from "../mongo/server/mongo-server.ts";
import { Store } from "../mongo/storage/store.ts";
import { RedisServer } from "../redis/redis-server.ts";
import { SharedPort } from "../sharing/shared-port.ts";
import { STOP, type StoreName, type ThreadMessage, type ThreadTask } from "./messages.ts";

const { dataDir, stores } = workerData as ThreadTask;

const tell = (message: ThreadMessage) => parentPort?.postMessage(message);
const log = (level: "info" | "warn" | "error", text: string) => tell({ say: "log", level, text });
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function openMongo(folder: string): Promise<MongoServer> {
  const store = await Store.open(join(folder, "store"), {
    reading: (bytes) =>
      tell({ say: "progress", step: `reading ${Math.round(bytes / 1e6)} MB of documents` }),
    tornTail: (bytes) => log("info", `dropped an unfinished write of ${bytes} bytes`),
    trouble: (error) => log("error", `the disk of embedded MongoDB fails: ${textOf(error)}`),
  });
  return new MongoServer(store);
}

async function joinStore(name: StoreName): Promise<SharedPort> {
  const folder = join(dataDir, name);
  const shared: SharedPort = await SharedPort.join({
    folder,
    open: (secret) =>
      name === "mongo" ? openMongo(folder) : Promise.resolve(new RedisServer(secret)),
    onTrouble: (error) => log("error", `embedded ${name} cannot take over: ${textOf(error)}`),
  });
  return shared;
}

function urlOf(name: StoreName, { port, secret }: SharedPort): string {
  return name === "mongo"
    ? `mongodb://127.0.0.1:${port}/facet?directConnection=true`
    : `redis://:${secret}@127.0.0.1:${port}/0`;
}

const joined = await Promise.all(stores.map(joinStore));
parentPort?.once("message", (message: unknown) => {
  if (message !== STOP) return;
  void Promise.all(joined.map((shared) => shared.close())).then(() => {
    tell({ say: "stopped" });
    parentPort?.close();
  });
});
tell({
  say: "ready",
  urls: Object.fromEntries(
    joined.map((shared, i) => {
      const name = stores[i] as StoreName;
      return [name, urlOf(name, shared)];
    }),
  ),
});
