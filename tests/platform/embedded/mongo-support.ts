import { randomBytes } from "node:crypto";
import { MongoClient, type Collection, type Db, type Document } from "mongodb";
import { startEmbeddedMongo } from "../../../src/platform/embedded/index.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { newDataDir } from "./child.ts";

/** Documents of tests have any fields and any kind of _id. */
type Anything = any;

export interface MongoWorld {
  readonly client: MongoClient;
  readonly db: Db;
  /** A fresh collection with these documents. */
  fill(...docs: Document[]): Promise<Collection<Anything>>;
  close(): Promise<void>;
}

/** A database of its own on the embedded server, or on another one when a URL is given. */
export async function openMongoWorld(url?: string): Promise<MongoWorld> {
  const data = await newDataDir();
  const embedded =
    url === undefined
      ? await startEmbeddedMongo({ dataDir: data.path, log: createLogger("silent") })
      : undefined;
  const client = new MongoClient(url ?? embedded!.url);
  await client.connect();
  const db = client.db(`facet_conformance_${randomBytes(4).toString("hex")}`);
  let collections = 0;
  return {
    client,
    db,
    fill: async (...docs) => {
      const collection = db.collection<Anything>(`c${++collections}`);
      if (docs.length > 0) await collection.insertMany(docs);
      return collection;
    },
    close: async () => {
      await db.dropDatabase();
      await client.close();
      await embedded?.stop();
      await data.remove();
    },
  };
}

/** The _ids of what a filter finds, in order. */
export async function idsOf(
  collection: Collection<Anything>,
  filter: Document,
): Promise<unknown[]> {
  const docs = await collection.find(filter, { sort: { _id: 1 } }).toArray();
  return docs.map((doc) => doc._id as unknown);
}
