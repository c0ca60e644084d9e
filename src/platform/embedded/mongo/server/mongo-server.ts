import type { Socket } from "node:net";
import { sortValues } from "../query/sort.ts";
import { splitPath } from "../values/path.ts";
import type { Store } from "../storage/store.ts";
import { runCommand } from "./commands.ts";
import { Cursors } from "./cursors.ts";
import { encodeReply, MessageReader, parseMessage } from "./wire.ts";

const EXPIRE_EVERY_MS = 1_000;

/** Serves the MongoDB protocol on connections that are handed to it. Commands run one at a time, each whole. */
export class MongoServer {
  private readonly cursors = new Cursors();
  private readonly expiry: NodeJS.Timeout;
  private readonly store: Store;
  private replies = 0;

  constructor(store: Store) {
    this.store = store;
    this.expiry = setInterval(() => expireDocuments(store), EXPIRE_EVERY_MS).unref();
  }

  accept(socket: Socket): void {
    const reader = new MessageReader();
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const bytes of reader.push(chunk)) this.answer(socket, bytes);
      } catch {
        socket.destroy(); // not the protocol: nothing can be answered
      }
    });
  }

  private answer(socket: Socket, bytes: Buffer): void {
    const message = parseMessage(bytes);
    const reply = runCommand(message.body, { store: this.store, cursors: this.cursors });
    if (message.wantsReply) socket.write(encodeReply(message, reply, ++this.replies));
  }

  async close(): Promise<void> {
    clearInterval(this.expiry);
    await this.store.close();
  }
}

/** Removes the documents whose time has come by an index with expireAfterSeconds. */
export function expireDocuments(store: Store, now = Date.now()): void {
  for (const collection of store.allCollections()) {
    for (const spec of collection.indexSpecs()) {
      if (spec.expireAfterSeconds === undefined) continue;
      const parts = splitPath(Object.keys(spec.key)[0] ?? "");
      const limit = now - spec.expireAfterSeconds * 1_000;
      for (const doc of collection.all()) {
        const due = sortValues(doc, parts).some(
          (value) => value instanceof Date && value.getTime() <= limit,
        );
        if (due) store.remove(collection, doc["_id"]);
      }
    }
  }
}
