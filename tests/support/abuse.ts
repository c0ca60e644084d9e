import type { TestClient } from "./client.ts";
import { malformedFrames, malformedRequests } from "./malformed.ts";
import { RawSocket } from "./raw-socket.ts";
import { seeded } from "../../src/platform/random/seeded.ts";
import { CREATE_UPLOAD, portrait, signIn } from "./world.ts";

const AT_ONCE = 20;
const DEVICE_UPLOADS = 15;
/** What only a developer may see: frames of a stack, SQL, files, drivers. */
const INTERNAL =
  /\n\s+at |node_modules|node:internal|\.ts:\d|\/work\/|\bselect\b.*\bfrom\b|relation "|ai_jobs|syntax error at or near|ECONN|MongoServer|invalid input syntax|INTERNAL_SERVER_ERROR/i;
const ANALYZE = /* GraphQL */ `
  mutation ($uploadId: ID!) {
    analyzeSkin(input: { uploadId: $uploadId }) {
      problems {
        code
      }
    }
  }
`;

/** What came of many bad inputs. */
export interface AbuseReport {
  /** How often each outcome was seen: an HTTP status, a close code, a problem. */
  readonly outcomes: Map<string, number>;
  /** Whatever must not happen: faults, and answers that tell something internal. */
  readonly wrong: unknown[];
}

/** Sends malformed requests, the same ones for the same seed. */
export async function abuseHttp(url: string, count: number, seed: number): Promise<AbuseReport> {
  const report: AbuseReport = { outcomes: new Map(), wrong: [] };
  const person = await signIn(url);
  const next = malformedRequests(seed);
  const send = async (): Promise<void> => {
    const { path, method, headers, body } = next();
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${person.session!.accessToken}`, ...headers },
      body: typeof body === "string" ? body : body && new Uint8Array(body),
    });
    const text = await response.text();
    countIn(report, String(response.status));
    if (response.status >= 500 || INTERNAL.test(text)) {
      report.wrong.push({ path, body: String(body).slice(0, 600), status: response.status, text });
    }
  };
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, send));
  }
  return report;
}

/** Sends malformed frames over WebSockets, with a new socket whenever the server closed one. */
export async function abuseSocket(url: string, count: number, seed: number): Promise<AbuseReport> {
  const report: AbuseReport = { outcomes: new Map(), wrong: [] };
  const token = (await signIn(url)).session!.accessToken;
  const next = malformedFrames(seed);
  let socket = await RawSocket.ready(url, token);
  for (let sent = 0; sent < count; sent += 1) {
    const frame = next();
    socket.send(frame);
    socket.send({ type: "ping" });
    const ended = await Promise.race([
      socket.closed,
      socket.next("pong").then(
        () => null,
        () => socket.closed,
      ),
    ]);
    const text = JSON.stringify(socket.received.splice(0));
    if (INTERNAL.test(text)) report.wrong.push({ frame: String(frame).slice(0, 600), text });
    countIn(report, String(ended?.code ?? "open"));
    if (ended) socket = await RawSocket.ready(url, token);
  }
  socket.close();
  return report;
}

/** Uploads spoiled pictures and asks for their analysis. */
export async function abuseUploads(url: string, count: number, seed: number): Promise<AbuseReport> {
  const report: AbuseReport = { outcomes: new Map(), wrong: [] };
  const random = seeded(seed);
  const whole = portrait();
  let person: TestClient | null = null;
  for (let sent = 0; sent < count; sent += 1) {
    if (!person || sent % DEVICE_UPLOADS === 0) person = await signIn(url);
    const bytes = spoiled(whole, random);
    const input = { purpose: "SELFIE", contentType: "image/png", byteSize: bytes.byteLength };
    const { upload } = (await person.must(CREATE_UPLOAD, { input })).createUpload;
    const put = await fetch(upload.url, {
      method: "PUT",
      headers: { "content-type": "image/png" },
      body: new Uint8Array(bytes),
    });
    const answer = await person.send(ANALYZE, { uploadId: upload.id });
    const text = JSON.stringify(answer);
    if (put.status >= 500 || INTERNAL.test(text)) report.wrong.push({ sent, text });
    const problem = answer.data?.analyzeSkin?.problems[0]?.code as string | undefined;
    countIn(report, problem ?? answer.errors?.[0]?.extensions.code ?? "taken");
  }
  return report;
}

function spoiled(whole: Uint8Array, random: () => number): Uint8Array {
  const size = Math.max(1, Math.floor(random() * 60_000));
  const bytes = Buffer.from(whole.subarray(0, size));
  const kind = random();
  const changes = kind < 0.4 ? 0 : kind < 0.8 ? 20 : bytes.byteLength;
  for (let change = 0; change < changes; change += 1) {
    const at = kind < 0.8 ? Math.floor(random() * Math.min(64, bytes.byteLength)) : change;
    bytes[at] = Math.floor(random() * 256);
  }
  return bytes;
}

function countIn({ outcomes }: AbuseReport, outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}
