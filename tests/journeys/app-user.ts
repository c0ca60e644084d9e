import { randomBytes, randomUUID } from "node:crypto";
import WebSocket from "ws";
import manifest from "../../schema/persisted-query-manifest.json" with { type: "json" };
import {
  AnalyzeSkinDocument,
  CreateUploadDocument,
  LoginWithDeviceDocument,
} from "../../src/client/generated/graphql.ts";
import {
  createFacetClient,
  uploadPicture,
  type FacetClient,
  type FacetClientOptions,
} from "../../src/client/index.ts";
import { stockShop } from "../support/stock.ts";
import type { World } from "../support/world.ts";

/** The app's own client; nobody is signed in. */
export const newClient = (url: string, options: Partial<FacetClientOptions> = {}): FacetClient =>
  createFacetClient({
    httpUrl: `${url}/graphql`,
    webSocketImpl: WebSocket,
    idleCloseMs: 0,
    retryDelayMs: () => 20,
    manifest,
    ...options,
  });

/** A new guest with the app's own client. */
export async function openApp(
  url: string,
  options: Partial<FacetClientOptions> = {},
): Promise<FacetClient> {
  const client = newClient(url, options);
  const { data } = await client.apollo.mutate({
    mutation: LoginWithDeviceDocument,
    variables: {
      input: {
        deviceId: randomUUID(),
        deviceSecret: randomBytes(24).toString("hex"),
        platform: "IOS",
      },
    },
  });
  const session = data?.loginWithDevice.session;
  if (!session) throw new Error(JSON.stringify(data?.loginWithDevice.problems));
  await client.signIn(session);
  return client;
}

/** Uploads a selfie and starts its analysis; the job as the mutation answers it. */
export async function startAnalysis({ apollo }: FacetClient, bytes: Uint8Array) {
  const { data } = await apollo.mutate({
    mutation: CreateUploadDocument,
    variables: {
      input: { purpose: "SELFIE", contentType: "image/png", byteSize: bytes.byteLength },
    },
  });
  const ticket = data?.createUpload.upload;
  if (!ticket) throw new Error(JSON.stringify(data?.createUpload.problems));
  await uploadPicture({ ticket, bytes: new Uint8Array(bytes) });
  const answer = await apollo.mutate({
    mutation: AnalyzeSkinDocument,
    variables: { input: { uploadId: ticket.id, focus: "GENERAL" } },
  });
  const job = answer.data?.analyzeSkin.skinAnalysis;
  if (!job) throw new Error(JSON.stringify(answer.data?.analyzeSkin.problems));
  return job;
}

/** Three products of each shelf of the demonstration catalogue. */
export async function fillShop(world: World): Promise<void> {
  const perShelf = new Map<string, number>();
  await stockShop(world.nodes[0], ({ categorySlugs: [shelf = ""] }) => {
    const count = (perShelf.get(shelf) ?? 0) + 1;
    perShelf.set(shelf, count);
    return count <= 3;
  });
}
