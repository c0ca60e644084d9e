import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { isPublicAddress } from "../../../src/platform/http/public-address.ts";
import { PublicDownload } from "../../../src/platform/http/public-download.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function serve(handle: RequestListener, host = "127.0.0.1"): Promise<number> {
  const server = createServer(handle);
  servers.push(server);
  server.listen(0, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** 127.0.0.1 stands for the public internet, everything else for our own network. */
const download = new PublicDownload({
  maxBytes: 1_000,
  timeoutMs: 500,
  protocols: ["http:"],
  allows: (address) => address === "127.0.0.1",
});

describe("isPublicAddress", () => {
  test.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "localhost",
    "",
  ])("%p is not", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::5e"])(
    "%p is",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe("a download", () => {
  test("gives the bytes", async () => {
    const port = await serve((_request, response) => response.end("picture"));
    const bytes = await download.bytes(`http://127.0.0.1:${port}/a.png`);
    expect(Buffer.from(bytes).toString()).toBe("picture");
  });

  test.each([
    "http://127.0.0.2:80/",
    "http://[::1]/",
    "http://0x7f000002/",
    "http://2130706434/",
    "http://user:secret@127.0.0.1/",
    "https://127.0.0.1/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "//127.0.0.1/",
    "not a url",
    "",
  ])("of %p is refused before anything is sent", async (url) => {
    await expect(download.bytes(url)).rejects.toMatchObject({ reason: "FORBIDDEN_URL" });
  });

  test("of a name that leads inside is refused, whatever else it leads to", async () => {
    const port = await serve((_request, response) => response.end("secret"), "localhost");
    const strict = new PublicDownload({ maxBytes: 10, timeoutMs: 500, protocols: ["http:"] });
    await expect(strict.bytes(`http://localhost:${port}/`)).rejects.toMatchObject({
      reason: "FORBIDDEN_URL",
    });
  });

  test("does not follow a redirect to the inside", async () => {
    const inside: string[] = [];
    const secret = await serve((request, response) => {
      inside.push(request.url ?? "");
      response.end("secret");
    }, "127.0.0.2");
    const port = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.2:${secret}/` }).end(),
    );
    await expect(download.bytes(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      reason: "FORBIDDEN_URL",
    });
    expect(inside).toEqual([]);
  });

  test("follows a redirect among public hosts, but not for ever", async () => {
    const port = await serve((request, response) =>
      request.url === "/a"
        ? response.writeHead(301, { location: "/b" }).end()
        : request.url === "/b"
          ? response.end("here")
          : response.writeHead(302, { location: "/again" }).end(),
    );
    const bytes = await download.bytes(`http://127.0.0.1:${port}/a`);
    expect(Buffer.from(bytes).toString()).toBe("here");
    await expect(download.bytes(`http://127.0.0.1:${port}/loop`)).rejects.toMatchObject({
      reason: "UNREACHABLE",
    });
  });

  test("ends at its limits of bytes and time, and at its caller's wish", async () => {
    const port = await serve((request, response) => {
      if (request.url === "/long") response.end("x".repeat(1_001));
      else response.write("x");
    });
    const at = (path: string) => `http://127.0.0.1:${port}${path}`;
    await expect(download.bytes(at("/long"))).rejects.toMatchObject({ reason: "TOO_LARGE" });
    await expect(download.bytes(at("/slow"))).rejects.toMatchObject({ reason: "TOO_SLOW" });
    const caller = AbortSignal.abort(new Error("canceled"));
    await expect(download.bytes(at("/slow"), caller)).rejects.toThrow("canceled");
  });

  test("tells a missing file from a host that is not there", async () => {
    const port = await serve((_request, response) => response.writeHead(404).end());
    await expect(download.bytes(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      reason: "NOT_FOUND",
    });
    await expect(download.bytes("http://127.0.0.1:1/")).rejects.toMatchObject({
      reason: "UNREACHABLE",
    });
  });
});
