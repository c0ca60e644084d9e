import { MongoFault } from "../fault.ts";
import { MAX_DOCUMENT_BYTES } from "../codec.ts";
import { assertExact, isDoc, type Doc } from "../values/value.ts";
import { catalogCommands } from "./catalog-commands.ts";
import { readCommands } from "./read-commands.ts";
import { Request, type Command, type Context, type Reply } from "./request.ts";
import { MAX_MESSAGE_BYTES } from "./wire.ts";
import { writeCommands } from "./write-commands.ts";

/** MongoDB 7.0, whose answers this store gives. */
const WIRE_VERSION = 21;
const VERSION = [7, 0, 0, 0];

const hello: Command = () => ({
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: 100_000,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: 30,
  minWireVersion: 0,
  maxWireVersion: WIRE_VERSION,
  readOnly: false,
});

const buildInfo: Command = () => ({
  version: VERSION.slice(0, 3).join("."),
  versionArray: VERSION,
  modules: [],
  storageEngines: ["facet-embedded"],
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
});

const nothing: Command = () => ({});

const noTransactions: Command = () => {
  throw new MongoFault(20, "Transaction numbers are only allowed on a replica set member");
};

const COMMANDS: Readonly<Record<string, Command>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: nothing,
  buildInfo,
  buildinfo: buildInfo,
  endSessions: nothing,
  refreshSessions: nothing,
  commitTransaction: noTransactions,
  abortTransaction: noTransactions,
  ...readCommands,
  ...writeCommands,
  ...catalogCommands,
};

const HANDSHAKES = new Set(["hello", "isMaster", "ismaster"]);

/** Runs one command and gives its answer; a refusal is an answer with ok: 0. */
export function runCommand(body: Doc, context: Context): Reply {
  try {
    const request = new Request(body);
    const command = Object.hasOwn(COMMANDS, request.name) ? COMMANDS[request.name] : undefined;
    if (!command) throw new MongoFault(59, `no such command: '${request.name}'`);
    if (!HANDSHAKES.has(request.name)) assertExact(body);
    const syncs = assertWriteConcern(body["writeConcern"]);
    const reply = command(request, context);
    if (syncs) context.store.sync();
    return { ...reply, ok: 1 };
  } catch (error) {
    return failure(error);
  }
}

/** Whether the write must be on the disk itself before it is acknowledged. */
function assertWriteConcern(concern: unknown): boolean {
  if (!isDoc(concern)) return false;
  const { w = 1, j, fsync } = concern;
  if (w !== 0 && w !== 1 && w !== "majority") {
    throw new MongoFault(2, "cannot use 'w' > 1 when a host is not replicated");
  }
  return j === true || fsync === true;
}

function failure(error: unknown): Reply {
  if (error instanceof MongoFault) {
    const { code, codeName, message, details } = error;
    return { ok: 0, errmsg: message, code, codeName, ...details };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { ok: 0, errmsg: message, code: 1, codeName: "InternalError" };
}
