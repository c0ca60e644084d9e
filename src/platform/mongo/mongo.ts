import { MongoClient, type Db } from "mongodb";
import type { Logger } from "../observe/logger.ts";

const SELECTION_TIMEOUT_MS = 2_000;
const DEFAULT_DATABASE = "facet";

/** MongoDB: documents that are large, nested and belong to one user. */
export class Mongo {
  readonly db: Db;

  private constructor(private readonly client: MongoClient) {
    const { dbName } = client.options;
    this.db = client.db(dbName === "test" ? DEFAULT_DATABASE : dbName);
  }

  /** Opens lazily: facet starts without MongoDB, and what needs it fails until it is there. */
  static open(options: { url: string; applicationName: string; log: Logger }): Mongo {
    const client = new MongoClient(options.url, {
      appName: options.applicationName,
      serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
      connectTimeoutMS: SELECTION_TIMEOUT_MS,
      socketTimeoutMS: 30_000,
      maxPoolSize: 20,
      retryReads: true,
      retryWrites: false,
      ignoreUndefined: true,
    });
    client.on("error", (error: Error) => {
      options.log.warn({ err: error }, "a MongoDB connection was lost");
    });
    return new Mongo(client);
  }

  /** Rejects when MongoDB does not answer. */
  async ping(): Promise<void> {
    await this.db.command({ ping: 1 });
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
