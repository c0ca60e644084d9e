import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { connect, type Socket } from "node:net";

const GREETING = "FACET-PROOF ";
const ANSWER_BYTES = 65;
/** An owner may be busy for a while; taking it for a stranger would make two owners. */
const PATIENCE_MS = 10_000;

const answerTo = (nonce: string, secret: string): string =>
  createHmac("sha256", secret).update(nonce).digest("hex");

/** Whether the first bytes of a connection ask for proof that this process shares the secret. */
export const asksForProof = (chunk: Buffer): boolean =>
  chunk.subarray(0, GREETING.length).toString("latin1") === GREETING;

/** Proves it. The connection stays open, so that the asker notices the end of this process. */
export function giveProof(socket: Socket, chunk: Buffer, secret: string): void {
  const nonce = chunk.subarray(GREETING.length).toString("latin1").trim();
  socket.write(`${answerTo(nonce, secret)}\n`);
}

/**
 * Asks who listens on a port of 127.0.0.1: one of us (then with a connection that closes when that one
 * ends), a stranger, or nobody.
 */
export async function askForProof(
  port: number,
  secret: string,
): Promise<Socket | "stranger" | "nobody"> {
  const nonce = randomBytes(16).toString("hex");
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined); // "close" follows
  const answer = await firstAnswer(socket, `${GREETING}${nonce}\n`);
  if (answer === undefined) return "nobody";
  if (sameText(answer.trim(), answerTo(nonce, secret))) return socket;
  socket.destroy();
  return "stranger";
}

/** Undefined when nobody listens, or the other side went away before it said anything. */
function firstAnswer(socket: Socket, question: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = "";
    const finish = (result: string | undefined) => {
      clearTimeout(timer);
      socket.removeAllListeners("data");
      resolve(result);
    };
    const timer = setTimeout(() => finish("silence"), PATIENCE_MS);
    socket.once("connect", () => socket.write(question));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.length >= ANSWER_BYTES) finish(answer);
    });
    // A server that hangs up on nonsense, such as a real database, is a stranger.
    socket.once("end", () => finish(answer === "" ? "hung up" : answer));
    socket.once("close", () => finish(undefined));
  });
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
