import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { TypedDocumentNode } from "@apollo/client";
import { lastValueFrom, tap } from "rxjs";
import {
  CreateUploadDocument,
  LoginWithDeviceDocument,
  LoginWithPasswordDocument,
  type UploadPurpose,
} from "../../client/generated/graphql.ts";
import { uploadPicture, type FacetClient } from "../../client/index.ts";
import { DemoFailed } from "./demo-failed.ts";
import type { Terminal } from "./terminal.ts";

/** Somebody who is signed in and shows a product. */
export interface DemoUser {
  readonly client: FacetClient;
  /** Where facet answers, without a slash at the end. */
  readonly url: string;
  readonly photo: string | URL;
  /** What to ask; a product may have a question of its own. */
  readonly question: string | null;
  readonly terminal: Terminal;
}

/** Signs somebody in who has an account. @throws DemoFailed */
export async function signInAs(
  client: FacetClient,
  account: { email: string; password: string },
): Promise<void> {
  const { data } = await client.apollo.mutate({
    mutation: LoginWithPasswordDocument,
    variables: { input: { identifier: account.email, password: account.password } },
  });
  await client.signIn(done(data?.loginWithPassword, (payload) => payload.session));
}

/** Signs a new guest in. */
export async function signInAsGuest(client: FacetClient): Promise<void> {
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

/** Uploads the user's photo; resolves to the upload's id. */
export async function upload(
  { client, photo, terminal }: DemoUser,
  purpose: UploadPurpose,
): Promise<string> {
  const bytes = await readFile(photo).catch(() => {
    throw new DemoFailed(`The photo ${String(photo)} cannot be read.`);
  });
  const contentType = contentTypeOf(bytes);
  const { data } = await client.apollo.mutate({
    mutation: CreateUploadDocument,
    variables: { input: { purpose, contentType, byteSize: bytes.byteLength } },
  });
  const ticket = done(data?.createUpload, (payload) => payload.upload);
  terminal.line(`Uploading ${Math.ceil(bytes.byteLength / 1024)} kB of ${contentType} …`);
  await uploadPicture({ ticket, bytes: new Uint8Array(bytes) });
  return ticket.id;
}

interface WatchedJob {
  readonly status: string;
  readonly stage: string | null;
  readonly progress: number;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/**
 * Shows how a job gets on, up to its end.
 * @param stages what to call its stages
 * @param onChange called with each state, the last one included
 * @returns its last state, which is a success. @throws DemoFailed
 */
export async function follow<J extends WatchedJob>(
  { client, terminal }: DemoUser,
  query: TypedDocumentNode<
    { jobChanged: { job: J } },
    { id: string; afterVersion?: number | null | undefined }
  >,
  id: string,
  stages: Readonly<Record<string, string>>,
  onChange: (job: J) => void = () => undefined,
): Promise<J> {
  const last = await lastValueFrom(
    client.apollo.subscribe({ query, variables: { id } }).pipe(
      tap(({ data, error }) => {
        if (error) throw new DemoFailed(error.message);
        const job = (data as { jobChanged: { job: J } } | undefined)?.jobChanged.job;
        if (!job) return;
        terminal.progress(job.progress, stageText(job, stages));
        onChange(job);
      }),
    ),
  );
  terminal.endProgress();
  const job = (last.data as { jobChanged: { job: J } } | undefined)?.jobChanged.job;
  if (!job) throw new DemoFailed("The work is gone.");
  if (job.status === "SUCCEEDED") return job;
  const { code, message } = job.failure ?? { code: job.status, message: "" };
  throw new DemoFailed(`It did not work out: ${message} (${code})`);
}

function stageText(
  job: { status: string; stage: string | null },
  stages: Readonly<Record<string, string>>,
): string {
  if (job.status === "RUNNING") return stages[job.stage ?? ""] ?? job.stage ?? "Running";
  return job.status.charAt(0) + job.status.slice(1).toLowerCase();
}

/** What a mutation made. @throws DemoFailed with the problems that refused it. */
export function done<P extends { problems: readonly { message: string; code: string }[] }, T>(
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
