import { readFileSync } from "node:fs";
import type { Caller } from "./caller.ts";

const PORTRAIT: Uint8Array = readFileSync(
  new URL("../../tests/fixtures/portrait.png", import.meta.url),
);

const CREATE_UPLOAD = `mutation Upload($input: CreateUploadInput!) {
  createUpload(input: $input) { upload { id url method headers { name value } } problems { code } }
}`;
export const ANALYZE = `mutation Analyze($input: AnalyzeSkinInput!) {
  analyzeSkin(input: $input) { skinAnalysis { id status version } problems { code } }
}`;

/** Sends a picture, the portrait unless told, and resolves to the upload's id. */
export async function upload(
  caller: Caller,
  { purpose = "SELFIE", bytes = PORTRAIT }: { purpose?: string; bytes?: Uint8Array } = {},
): Promise<string> {
  const input = { purpose, contentType: "image/png", byteSize: bytes.byteLength };
  const answer = await caller.call(CREATE_UPLOAD, { input });
  const ticket = answer.data?.createUpload?.upload;
  if (!ticket) {
    const code = answer.errors[0]?.extensions?.code ?? answer.data?.createUpload?.problems[0]?.code;
    throw Object.assign(new Error("no upload ticket"), { code: code as string });
  }
  const sent = await fetch(ticket.url, {
    method: ticket.method,
    headers: Object.fromEntries(ticket.headers.map((header: any) => [header.name, header.value])),
    body: new Uint8Array(bytes),
  });
  if (!sent.ok) throw new Error(`the upload was refused: ${sent.status}`);
  return ticket.id as string;
}
