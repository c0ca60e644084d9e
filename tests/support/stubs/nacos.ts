import { createHash, randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

export const STUB_NACOS = { username: "stub-user-name", password: "stub-password" };

/** A Nacos server with the v1 and the v3 client API, below `/nacos`. */
export interface NacosStub {
  readonly stub: Stub;
  /** Puts a document in place and wakes the long polls; null removes it. */
  publish(place: StubPlace, content: string | null): void;
  /** From now on nobody's token counts. */
  expireTokens(): void;
  /** Life that later tokens are said to have, in seconds. Default 18000. */
  tokenTtl: number;
}

export interface StubPlace {
  dataId: string;
  group: string;
  /** As in the request: v1 calls the default namespace "", v3 "public". Default "public". */
  namespace?: string;
}

const keyOf = ({ dataId, group, namespace }: StubPlace): string =>
  [namespace === "" ? "public" : (namespace ?? "public"), group, dataId].join("/");
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const plain = (status: number, body: string, headers: Record<string, string> = {}): StubAnswer => ({
  status,
  body,
  headers: { "content-type": "text/plain;charset=UTF-8", ...headers },
});

export function nacosStub(): NacosStub {
  const documents = new Map<string, string>();
  const tokens = new Set<string>();
  const changes = new EventEmitter().setMaxListeners(0);
  const md5At = (key: string): string => {
    const content = documents.get(key);
    return content === undefined ? "" : md5(content);
  };

  const login = ({ text }: StubRequest): StubAnswer => {
    const form = new URLSearchParams(text);
    const known =
      form.get("username") === STUB_NACOS.username && form.get("password") === STUB_NACOS.password;
    if (!known) return plain(403, "unknown user!");
    const accessToken = randomUUID();
    tokens.add(accessToken);
    return {
      status: 200,
      body: {
        accessToken,
        tokenTtl: self.tokenTtl,
        globalAdmin: false,
        username: STUB_NACOS.username,
      },
    };
  };

  const listen = async ({ text, headers }: StubRequest): Promise<StubAnswer> => {
    const line = new URLSearchParams(text).get("Listening-Configs") ?? "";
    const [dataId, group, known, tenant = ""] = line.replace(/\x01$/, "").split("\x02");
    if (!line.endsWith("\x01") || !dataId || !group || known === undefined) return error(400);
    const key = keyOf({ dataId, group, namespace: tenant });
    if (md5At(key) === known) {
      const held = AbortSignal.timeout(Number(headers["long-pulling-timeout"] ?? 30_000));
      await once(changes, key, { signal: held }).catch(() => undefined);
    }
    if (md5At(key) === known) return plain(200, "");
    const named = tenant === "" ? [dataId, group] : [dataId, group, tenant];
    return plain(200, `${encodeURIComponent(`${named.join("\x02")}\x01`)}\n`);
  };

  const getV1 = ({ query }: StubRequest): StubAnswer => {
    const { dataId = "", group = "", tenant = "" } = query;
    // The old servers take "public" for a namespace of its own.
    if (tenant === "public") return plain(404, "config data not exist");
    const content = documents.get(keyOf({ dataId, group, namespace: tenant }));
    if (content === undefined) return plain(404, "config data not exist");
    return plain(200, content, { "content-md5": md5(content), "config-type": "json" });
  };

  const getV3 = ({ query }: StubRequest): StubAnswer => {
    const { dataId = "", groupName = "", namespaceId = "" } = query;
    const content = documents.get(keyOf({ dataId, group: groupName, namespace: namespaceId }));
    if (content === undefined) {
      const message = "config data not exist";
      return { status: 404, body: { code: 20004, message, data: null } };
    }
    const data = { content, contentType: "json", md5: md5(content), lastModified: 1, beta: false };
    return { status: 200, body: { code: 0, message: "success", data } };
  };

  const self: NacosStub = {
    tokenTtl: 18_000,
    publish(place, content) {
      if (content === null) documents.delete(keyOf(place));
      else documents.set(keyOf(place), content);
      changes.emit(keyOf(place));
    },
    expireTokens: () => tokens.clear(),
    stub: {
      provider: "nacos",
      error,
      handle(request) {
        const { method, path, query, headers } = request;
        const route = `${method} ${path}`;
        if (route === "POST /v1/auth/login" || route === "POST /v3/auth/user/login") {
          return login(request);
        }
        const token = path.startsWith("/v1/") ? query["accessToken"] : headers["accesstoken"];
        if (!token || !tokens.has(token)) return error(403);
        if (route === "GET /v1/cs/configs") return getV1(request);
        if (route === "POST /v1/cs/configs/listener") return listen(request);
        if (route === "GET /v3/client/cs/config") return getV3(request);
        return error(404);
      },
    },
  };
  return self;
}

const error = (status: number): StubAnswer => ({
  status,
  body: { timestamp: "2026-01-01T00:00:00Z", status, error: "Stubbed", message: "Stubbed" },
});
