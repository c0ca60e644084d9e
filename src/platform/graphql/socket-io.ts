import type { WebSocket } from "ws";
import { CLOSE } from "./open-sockets.ts";

const MAX_UNSENT_BYTES = 1024 * 1024;
/** A message that the network did not take in this time means that the client does not read. */
const MAX_SEND_MS = 20_000;
const MAX_CLOSING_MS = 5_000;
/** A laggard that reads on within this time still learns why it was closed. */
const LAGGARD_CLOSING_MS = 15_000;
const MAX_REASON_BYTES = 123; // RFC 6455 §5.5

/**
 * Resolves when the network took the message, so that a slow reader holds back only its own subscriptions:
 * they are not asked for their next event before. A reader that stays behind is closed with 1013.
 */
export function send(socket: WebSocket, text: string): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
    dismiss(socket);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      dismiss(socket);
      resolve();
    }, MAX_SEND_MS).unref();
    // A failed write means that the socket is closing; its close event ends the subscriptions.
    socket.send(text, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Closes, and gives a peer that does not answer up after a while. Resolves when the socket is closed. */
export function close(
  socket: WebSocket,
  code: number,
  reason: string,
  maxClosingMs = MAX_CLOSING_MS,
): Promise<void> {
  if (socket.readyState === socket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      socket.terminate();
    }, maxClosingMs).unref();
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(code, Buffer.byteLength(reason) > MAX_REASON_BYTES ? "" : reason);
  });
}

/** Calls back with each text that comes while the socket is open; a frame of bytes closes it with 4400. */
export function onText(socket: WebSocket, handle: (text: string) => void): void {
  socket.on("message", (data, isBinary) => {
    // A peer may go on sending after it was closed: nothing is done for it any more.
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) void close(socket, CLOSE.badRequest, "Invalid message received");
    else handle((data as Buffer).toString());
  });
}

/** Gives up a peer that answered no ping: with 1013 when it is only behind, else at once. */
export function giveUp(socket: WebSocket): void {
  if (socket.bufferedAmount > 0) dismiss(socket);
  else socket.terminate();
}

function dismiss(socket: WebSocket): void {
  void close(socket, CLOSE.tryLater, "Reading too slowly", LAGGARD_CLOSING_MS);
}
