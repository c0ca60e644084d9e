import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { lastValueFrom, tap } from "rxjs";
import WebSocket from "ws";
import {
  AnalyzeSkinDocument,
  CreateUploadDocument,
  LoginWithDeviceDocument,
  LoginWithPasswordDocument,
  ProductsDocument,
  WatchSkinAnalysisDocument,
} from "../../client/generated/graphql.ts";
import { createFacetClient, uploadPicture, type FacetClient } from "../../client/index.ts";
import { DemoFailed } from "./demo-failed.ts";
import { report, type WatchedAnalysis } from "./report.ts";
import type { Terminal } from "./terminal.ts";

export interface DemoOptions {
  /** Where facet answers. */
  readonly url: string;
  readonly photo: string | URL;
  readonly terminal: Terminal;
  /** Whose analysis it is; a new guest's when absent. */
  readonly account?: { readonly email: string; readonly password: string };
}

const STAGES: Readonly<Record<string, string>> = {
  VALIDATING: "Checking the picture",
  ANALYZING: "Measuring the skin",
  FEEDBACK: "Writing advice",
  RECOMMENDING: "Choosing products",
  SAVING: "Saving",
};
const CATALOGUE_LIMIT_MS = 60_000;

/** Signs in, uploads the photo, watches its analysis, prints what was found. @throws DemoFailed */
export async function runDemo({ url, photo, terminal, account }: DemoOptions): Promise<void> {
  const client = createFacetClient({ httpUrl: `${url}/graphql`, webSocketImpl: WebSocket });
  try {
    await (account ? signInAs(client, account) : signInAsGuest(client));
    await untilCatalogue(client, terminal);
    const uploadId = await upload(client, photo, terminal);
    const started = performance.now();
    const analysis = await analyze(client, uploadId, terminal);
    if (analysis.status !== "SUCCEEDED") {
      const { code, message } = analysis.failure ?? { code: analysis.status, message: "" };
      throw new DemoFailed(`The analysis failed: ${message} (${code})`);
    }
    const seconds = (performance.now() - started) / 1000;
    for (const line of report(analysis, terminal)) terminal.line(line);
    terminal.line(terminal.faint(`Analysis ${analysis.id}, ${seconds.toFixed(1)} s.`));
  } finally {
    client.stop();
  }
}

async function signInAs(
  client: FacetClient,
  account: { email: string; password: string },
): Promise<void> {
  const { data } = await client.apollo.mutate({
    mutation: LoginWithPasswordDocument,
    variables: { input: { identifier: account.email, password: account.password } },
  });
  await client.signIn(done(data?.loginWithPassword, (payload) => payload.session));
}

async function signInAsGuest(client: FacetClient): Promise<void> {
  const { data } = await client.apollo.mutate({
    mutation: LoginWithDeviceDocument,
    variables: {
      input: {
        deviceId: `demo-${randomUUID()}`,
        deviceSecret: randomBytes(32).toString("hex"),
        platform: "WEB",
      },
    },
  });
  await client.signIn(done(data?.loginWithDevice, (payload) => payload.session));
}

/** On the very first start the catalogue is still coming in. */
async function untilCatalogue(client: FacetClient, terminal: Terminal): Promise<void> {
  const until = Date.now() + CATALOGUE_LIMIT_MS;
  for (let told = false; Date.now() < until; told = true) {
    const { data } = await client.apollo.query({
      query: ProductsDocument,
      variables: { first: 1 },
      fetchPolicy: "no-cache",
    });
    if ((data?.products.nodes.length ?? 0) > 0) return;
    if (!told) terminal.line("Waiting for the catalogue …");
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function upload(
  client: FacetClient,
  photo: string | URL,
  terminal: Terminal,
): Promise<string> {
  const bytes = await readFile(photo).catch(() => {
    throw new DemoFailed(`The photo ${String(photo)} cannot be read.`);
  });
  const contentType = contentTypeOf(bytes);
  const { data } = await client.apollo.mutate({
    mutation: CreateUploadDocument,
    variables: { input: { purpose: "SELFIE", contentType, byteSize: bytes.byteLength } },
  });
  const ticket = done(data?.createUpload, (payload) => payload.upload);
  terminal.line(`Uploading ${Math.ceil(bytes.byteLength / 1024)} kB of ${contentType} …`);
  await uploadPicture({ ticket, bytes: new Uint8Array(bytes) });
  return ticket.id;
}

async function analyze(
  client: FacetClient,
  uploadId: string,
  terminal: Terminal,
): Promise<WatchedAnalysis> {
  const { data } = await client.apollo.mutate({
    mutation: AnalyzeSkinDocument,
    variables: { input: { uploadId, focus: "GENERAL", idempotencyKey: randomUUID() } },
  });
  const { id } = done(data?.analyzeSkin, (payload) => payload.skinAnalysis);
  const changes = client.apollo.subscribe({ query: WatchSkinAnalysisDocument, variables: { id } });
  const last = await lastValueFrom(
    changes.pipe(
      tap(({ data: change, error }) => {
        if (error) throw new DemoFailed(error.message);
        const job = change?.jobChanged.job;
        if (job) terminal.progress(job.progress, stageText(job));
      }),
    ),
  );
  const job = last.data?.jobChanged.job;
  if (job?.__typename !== "SkinAnalysis") throw new DemoFailed("The analysis is gone.");
  return job;
}

function stageText(job: { status: string; stage: string | null }): string {
  if (job.status === "RUNNING") return STAGES[job.stage ?? ""] ?? job.stage ?? "Running";
  return job.status.charAt(0) + job.status.slice(1).toLowerCase();
}

/** What a mutation made. @throws DemoFailed with the problems that refused it. */
function done<P extends { problems: readonly { message: string; code: string }[] }, T>(
  payload: P | null | undefined,
  result: (payload: P) => T | null | undefined,
): T {
  const value = payload ? result(payload) : null;
  if (value !== null && value !== undefined) return value;
  const reasons = payload?.problems.map(({ message, code }) => `${message} (${code})`) ?? [];
  throw new DemoFailed(reasons.join("\n") || "The server gave no answer.");
}

function contentTypeOf(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\u0089PNG")) return "image/png";
  if (head.startsWith("GIF8")) return "image/gif";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image/webp";
  return "image/jpeg";
}
