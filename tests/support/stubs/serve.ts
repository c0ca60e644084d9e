import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Behaviour, SeenRequest, StubControl, StubProvider } from "./control.ts";

export interface StubRequest extends SeenRequest {
  /** Scheme and authority under which the stub was called. */
  origin: string;
  /** The target as it stood in the request line. */
  rawUrl: string;
  bytes: Buffer;
}

export interface StubAnswer {
  status: number;
  /**
   * Buffers and strings go out as they are, undefined as nothing, anything else as JSON. A function gives what is
   * streamed; "cut" in it breaks the connection.
   */
  body?: unknown;
  headers?: Record<string, string>;
}

/** One provider: what it does, and what its errors look like. */
export interface Stub {
  provider: StubProvider;
  handle(request: StubRequest): StubAnswer | Promise<StubAnswer>;
  error(status: number): StubAnswer;
}

export interface Running {
  url: string;
  close(): Promise<void>;
}

/** Finds the stub that serves a path, and the path below its prefix. */
export type Route = (path: string) => { stub: Stub; path: string } | null;

/** Serves stubs on 127.0.0.1 until closed. `other` answers what no stub serves. */
export async function serve(
  control: StubControl,
  route: Route,
  port: number,
  other: (request: StubRequest) => StubAnswer = () => ({ status: 404 }),
): Promise<Running> {
  const server = createServer((incoming, outgoing) => {
    incoming.on("error", () => undefined);
    answer(control, route, other, incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end(String(error));
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  control: StubControl,
  route: Route,
  other: (request: StubRequest) => StubAnswer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const method = incoming.method ?? "GET";
  const { pathname } = new URL(incoming.url ?? "/", "http://stub");
  const found = route(pathname);
  if (!found) {
    await send(outgoing, other(await read(incoming, pathname)));
    return;
  }
  const { stub, path } = found;
  const behaviour = control.take(stub.provider, method, path);
  if (behaviour?.cut === "before") {
    incoming.socket.resetAndDestroy();
    return;
  }
  const request = await read(incoming, path);
  control.log(stub.provider, request);
  if (behaviour?.delayMs) await pause(behaviour.delayMs, undefined, { ref: false });
  const reply = behaviour ? await scripted(stub, behaviour, request) : await stub.handle(request);
  if (behaviour?.cut === "after") incoming.socket.destroy();
  else await send(outgoing, reply, behaviour?.cut === "mid");
}

async function scripted(
  stub: Stub,
  behaviour: Behaviour,
  request: StubRequest,
): Promise<StubAnswer> {
  const { status, body } = behaviour;
  const plain = status === undefined && body === undefined;
  const base = plain ? await stub.handle(request) : stub.error(status ?? 200);
  return {
    status: status ?? base.status,
    body: body === undefined ? base.body : body,
    headers: { ...base.headers, ...behaviour.headers },
  };
}

async function read(incoming: IncomingMessage, path: string): Promise<StubRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const textual = /json|text|xml|urlencoded/.test(headers["content-type"] ?? "");
  const text = textual ? bytes.toString("utf8") : "";
  const rawUrl = incoming.url ?? "/";
  const origin = `http://${headers["host"] ?? ""}`;
  const query = Object.fromEntries(new URL(rawUrl, origin).searchParams);
  const method = incoming.method ?? "GET";
  const byteSize = bytes.length;
  return {
    method,
    path,
    query,
    headers,
    byteSize,
    text,
    json: parsed(text),
    origin,
    rawUrl,
    bytes,
  };
}

/** A body that comes bit by bit. */
export type StubStream = () => AsyncIterable<Buffer | string>;

async function stream(outgoing: ServerResponse, reply: StubAnswer): Promise<void> {
  outgoing.writeHead(reply.status, { "content-type": "text/event-stream", ...reply.headers });
  outgoing.flushHeaders();
  for await (const piece of (reply.body as StubStream)()) {
    if (outgoing.destroyed) return;
    if (piece === "cut") return void outgoing.destroy();
    outgoing.write(piece);
  }
  outgoing.end();
}

async function send(outgoing: ServerResponse, reply: StubAnswer, half = false): Promise<void> {
  const { body } = reply;
  if (typeof body === "function") return stream(outgoing, reply);
  const raw = Buffer.isBuffer(body) || typeof body === "string";
  const bytes =
    body === undefined ? Buffer.alloc(0) : Buffer.from(raw ? body : JSON.stringify(body));
  outgoing.writeHead(reply.status, {
    ...(body !== undefined && { "content-type": "application/json" }),
    "content-length": bytes.length,
    ...reply.headers,
  });
  if (!half) {
    outgoing.end(outgoing.req.method === "HEAD" ? undefined : bytes);
    return;
  }
  await new Promise((resolve) => outgoing.write(bytes.subarray(0, bytes.length / 2), resolve));
  outgoing.destroy();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
