import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { uploadPicture, UploadRefused, type UploadTicket } from "../../src/client/index.ts";

let server: Server;
let ticket: UploadTicket;
let received: { method: string | undefined; type: string | undefined; bytes: Buffer }[] = [];
let answers: ((response: ServerResponse) => void)[] = [];

beforeEach(async () => {
  received = [];
  answers = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const type = request.headers["content-type"];
      received.push({ method: request.method, type, bytes: Buffer.concat(parts) });
      (answers.shift() ?? status(200))(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ticket = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/uploads/x?signature=y`,
    headers: [
      { name: "content-type", value: "image/png" },
      { name: "content-length", value: "4" },
    ],
  };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const status = (code: number) => (response: ServerResponse) => {
  response.writeHead(code).end();
};
const bytes = new Uint8Array([1, 2, 3, 4]);

test("sends the bytes with the ticket's headers and tells how far it is", async () => {
  const told: number[] = [];
  await uploadPicture({ ticket, bytes, onProgress: (fraction) => told.push(fraction) });
  expect(received).toEqual([{ method: "PUT", type: "image/png", bytes: Buffer.from(bytes) }]);
  expect(told).toEqual([0, 1]);
});

test("tries again after a lost connection and a busy store", async () => {
  answers = [(response) => response.destroy(), status(503)];
  await uploadPicture({ ticket, bytes });
  expect(received).toHaveLength(3);
});

test("a refusal is final", async () => {
  answers = [status(403)];
  await expect(uploadPicture({ ticket, bytes })).rejects.toEqual(new UploadRefused(403));
  expect(received).toHaveLength(1);
});

test("gives up after the last try, and at once when stopped", async () => {
  answers = [status(500), status(500)];
  await expect(uploadPicture({ ticket, bytes, retries: 1 })).rejects.toThrow("status 500");
  expect(received).toHaveLength(2);
  const stopped = AbortSignal.abort();
  await expect(uploadPicture({ ticket, bytes, signal: stopped })).rejects.toThrow(/abort/i);
  expect(received).toHaveLength(2);
});
