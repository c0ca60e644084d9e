import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApp, type App, type ProcessRole } from "../../src/main/app.ts";
import { loadConfig, type Config } from "../../src/platform/config/env.ts";
import { createLogger, type Logger } from "../../src/platform/observe/logger.ts";
import { TestClient } from "./client.ts";
import { freshDatabase, storeUrls } from "./database.ts";
import { stockShop } from "./stock.ts";

/** A picture with one clear face. */
export const portrait = (): Uint8Array =>
  readFileSync(new URL("../fixtures/portrait.png", import.meta.url));

export interface WorldOptions {
  /** Api processes; 2 unless told. */
  readonly nodes?: number;
  /** Workers; 1 unless told. The last node never works on jobs. */
  readonly workers?: number;
  /** Environment variables on top of the test defaults. */
  readonly env?: Record<string, string>;
  readonly log?: Logger;
  /** A Redis server of its own, to be taken away. */
  readonly redisUrl?: string;
}

/** A whole facet over a fresh database: api nodes and workers in this process, real stores, real sockets. */
export interface World {
  readonly nodes: readonly (App & { url: string })[];
  readonly workers: readonly App[];
  /** The first api node's address. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly env: Record<string, string>;
  /** A new person, signed in at the first node. */
  person(): Promise<TestClient>;
  stranger(): TestClient;
  /** Puts every fifth product of the demonstration catalogue on sale, with one picture each. */
  openShop(): Promise<void>;
  /** Uploads bytes, for a selfie unless told, and returns the upload's id. */
  upload(
    person: TestClient,
    bytes: Uint8Array,
    contentType?: string,
    purpose?: string,
  ): Promise<string>;
  stop(): Promise<void>;
}

export const LOGIN_WITH_DEVICE = /* GraphQL */ `
  mutation LoginWithDevice($input: LoginWithDeviceInput!) {
    loginWithDevice(input: $input) {
      session {
        accessToken
        refreshToken
        viewer {
          id
        }
      }
      problems {
        code
        message
      }
    }
  }
`;

export const CREATE_UPLOAD = /* GraphQL */ `
  mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) {
      upload {
        id
        url
        method
        headers {
          name
          value
        }
        expiresAt
      }
      problems {
        code
        message
        path
      }
    }
  }
`;

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const database = await freshDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), "facet-world-"));
  const { mongoUrl, redisUrl } = storeUrls();
  const mongo = new URL(mongoUrl);
  mongo.pathname = `/${database.name}`;
  const env = testEnvironment(dataDir, options.env ?? {});
  const urls = {
    postgresUrl: database.url,
    mongoUrl: mongo.toString(),
    redisUrl: options.redisUrl ?? redisUrl,
    redisEmbedded: options.redisUrl === undefined && process.env["REDIS_URL"] === undefined,
  };
  const log = options.log ?? createLogger(process.env["TEST_LOG"] ?? "silent");
  const open = async (role: ProcessRole) => {
    const port = await freePort();
    const config: Config = loadConfig({ ...env, PORT: String(port) });
    const app = await startApp({ config, urls, role, log });
    return Object.assign(app, { url: `http://127.0.0.1:${port}` });
  };
  const workers = await sequence(options.workers ?? 1, () => open("worker"));
  const nodes = await sequence(options.nodes ?? 2, () => open("api"));
  const url = nodes[0]?.url ?? "";
  const people: TestClient[] = [];
  const remember = (client: TestClient): TestClient => {
    people.push(client);
    return client;
  };
  return {
    nodes,
    workers,
    url,
    databaseUrl: database.url,
    dataDir,
    env,
    person: async () => remember(await signIn(url)),
    stranger: () => remember(new TestClient(url)),
    openShop: () => stockShop(nodes[0], (_product, index) => index % 5 === 0),
    upload,
    stop: async () => {
      await Promise.all(people.map((person) => person.close()));
      await Promise.all([...nodes, ...workers].map((app) => app.stop()));
      await Promise.all([database.drop(), rm(dataDir, { recursive: true, force: true })]);
    },
  };
}

/** Signs a new guest in. */
export async function signIn(url: string): Promise<TestClient> {
  const { loginWithDevice } = await new TestClient(url).must(LOGIN_WITH_DEVICE, {
    input: { deviceId: randomUUID(), deviceSecret: randomUUID() + randomUUID(), platform: "IOS" },
  });
  const { session } = loginWithDevice;
  return new TestClient(url, {
    accessToken: session.accessToken,
    refreshToken: session.refreshToken,
    userId: session.viewer.id,
  });
}

async function upload(
  person: TestClient,
  bytes: Uint8Array,
  contentType = "image/png",
  purpose = "SELFIE",
): Promise<string> {
  const { createUpload } = await person.must(CREATE_UPLOAD, {
    input: { purpose, contentType, byteSize: bytes.byteLength },
  });
  if (createUpload.problems.length > 0) throw new Error(JSON.stringify(createUpload.problems));
  const ticket = createUpload.upload;
  const response = await fetch(ticket.url, {
    method: ticket.method,
    headers: Object.fromEntries(ticket.headers.map((header: any) => [header.name, header.value])),
    body: Buffer.from(bytes),
  });
  if (!response.ok) throw new Error(`The upload was refused: ${response.status}`);
  return ticket.id;
}

function testEnvironment(dataDir: string, env: Record<string, string>): Record<string, string> {
  return {
    NODE_ENV: "test",
    HOST: "127.0.0.1",
    DATA_DIR: dataDir,
    DATABASE_POOL_SIZE: "8",
    DRAIN_SECONDS: "2",
    LOGIN_ATTEMPTS_PER_MINUTE: "1000",
    REGISTRATIONS_PER_HOUR: "1000",
    IMAGE_JOBS_PER_MINUTE: "1000",
    SKIN_ANALYSES_PER_MONTH: "1000",
    COST_BUDGET_PER_MINUTE: "10000000",
    ...env,
  };
}

async function sequence<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let index = 0; index < count; index += 1) made.push(await make());
  return made;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("No port is free.");
  return address.port;
}
