import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { FcmPushSender } from "../../src/integrations/fcm/fcm-push-sender.ts";
import {
  parseServiceAccount,
  type ServiceAccount,
} from "../../src/integrations/fcm/service-account.ts";
import {
  FCM_DEVICES,
  fcmError,
  payloadFault,
  startStubs,
  STUB_FCM,
  type Stubs,
} from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const MESSAGE = {
  id: "ntf_1",
  token: "device-1",
  platform: "ANDROID" as "ANDROID" | "IOS" | "WEB",
  title: "Your skin analysis is ready",
  body: "សូមបើកមើលលទ្ធផល។",
  data: { kind: "JOB_SUCCEEDED", notificationId: "ntf_1", aboutId: "ana_1" },
};
let stubs: Stubs;
let account: ServiceAccount;
let secrets: string[];
beforeAll(async () => {
  stubs = await startStubs();
  account = parseServiceAccount(stubs.fcm.serviceAccount);
  secrets = [MESSAGE.token, "ya29.", account.privateKey.slice(40, 80)];
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

function sender(
  change: Partial<ConstructorParameters<typeof FcmPushSender>[0]> = {},
): FcmPushSender {
  return new FcmPushSender({
    baseUrl: `${stubs.url}/fcm`,
    account,
    timeoutMs: TIMEOUT_MS,
    guard: plainGuard("fcm", { retries: 3 }),
    clock: { now: () => new Date() },
    ...change,
  });
}
const to = (token: string) => ({ ...MESSAGE, token });
const asked = (end: string) => stubs.requests("fcm").filter(({ path }) => path.endsWith(end));
const sent = () => asked("messages:send").map(({ json }) => json.message);

describe("a message", () => {
  test("is one request with the text, ids alone as data, and a life of a day", async () => {
    expect(await sender().send(MESSAGE)).toBe("SENT");
    expect(asked("messages:send")[0]?.path).toBe(
      `/v1/projects/${STUB_FCM.projectId}/messages:send`,
    );
    expect(sent()).toEqual([
      {
        token: "device-1",
        notification: { title: MESSAGE.title, body: MESSAGE.body },
        data: MESSAGE.data,
        android: { priority: "HIGH", ttl: "86400s", notification: { tag: "ntf_1" } },
      },
    ]);
  });

  test("suits iPhones and browsers", async () => {
    const before = Math.floor(Date.now() / 1_000);
    const client = sender();
    await client.send({ ...MESSAGE, platform: "WEB" });
    await client.send({ ...MESSAGE, platform: "IOS" });
    const [browser, phone] = sent();
    expect(browser.webpush).toEqual({ headers: { TTL: "86400" }, notification: { tag: "ntf_1" } });
    const until = phone.apns.headers["apns-expiration"];
    expect(Number(until) - before - 86_400).toBeLessThan(5);
    expect(phone.apns).toEqual({
      headers: { "apns-priority": "10", "apns-collapse-id": "ntf_1", "apns-expiration": until },
      payload: { aps: { sound: "default" } },
    });
  });
});

describe("access", () => {
  test("one signed exchange serves many messages, also at the same time", async () => {
    const client = sender();
    await Promise.all(Array.from({ length: 8 }, () => client.send(MESSAGE)));
    await client.send(MESSAGE);
    expect(asked("/token")).toHaveLength(1);
    expect(sent()).toHaveLength(9);
  });

  test("is renewed five minutes before it ends", async () => {
    let now = Date.now();
    const client = sender({ clock: { now: () => new Date(now) } });
    await client.send(MESSAGE);
    now += 54 * 60_000;
    await client.send(MESSAGE);
    expect(asked("/token")).toHaveLength(1);
    now += 60_000;
    await client.send(MESSAGE).catch(() => undefined);
    expect(asked("/token")).toHaveLength(2);
  });

  test("that is refused is renewed once, and the message sent", async () => {
    const client = sender();
    await client.send(MESSAGE);
    stubs.fcm.revokeAccess();
    expect(await client.send(MESSAGE)).toBe("SENT");
    expect(asked("/token")).toHaveLength(2);
    expect(sent()).toHaveLength(3);
  });

  test("that is refused again and again is our fault", async () => {
    stubs.script("fcm", { match: "messages:send", status: 401, times: 9 });
    const error = await failure(sender().send(MESSAGE), secrets);
    expect(error).toMatchObject({ outcome: "misconfigured", status: 401 });
    expect(sent()).toHaveLength(2);
  });

  test("of an app that its maker's service does not know is not renewed", async () => {
    const { body } = fcmError(401, "THIRD_PARTY_AUTH_ERROR");
    stubs.script("fcm", { match: "messages:send", status: 401, body, times: 9 });
    expect((await failure(sender().send(MESSAGE), secrets)).outcome).toBe("misconfigured");
    expect(sent()).toHaveLength(1);
    expect(asked("/token")).toHaveLength(1);
  });

  test("is not given to an account that is not known", async () => {
    const other = parseServiceAccount(
      JSON.stringify({ ...JSON.parse(stubs.fcm.serviceAccount), client_email: "other@stub.test" }),
    );
    const error = await failure(sender({ account: other }).send(MESSAGE), secrets);
    expect(error).toMatchObject({ outcome: "refused_input", status: 400 });
    expect(sent()).toHaveLength(0);
  });

  test("is asked for again when the endpoint is away for a moment: that costs nothing", async () => {
    stubs.script("fcm", { match: "/token", status: 503, times: 2 });
    expect(await sender().send(MESSAGE)).toBe("SENT");
    expect(asked("/token")).toHaveLength(3);
  });
});

describe("devices", () => {
  test.each(Object.entries(FCM_DEVICES))("%s: no message reaches it again", async (_, token) => {
    expect(await sender().send(to(token))).toBe("TOKEN_GONE");
    expect(sent()).toHaveLength(1);
  });

  test("are not blamed for a message that is refused for itself", async () => {
    const { status, body } = payloadFault("message.android.ttl");
    stubs.script("fcm", { match: "messages:send", status, body });
    const error = await failure(sender().send(MESSAGE), secrets);
    expect(error).toMatchObject({ outcome: "refused_input", status: 400 });
  });

  test("are blamed when a refusal names their token", async () => {
    const { status, body } = payloadFault("message.token");
    stubs.script("fcm", { match: "messages:send", status, body });
    expect(await sender().send(MESSAGE)).toBe("TOKEN_GONE");
  });

  test("are not blamed for a project that does not exist", async () => {
    const error = await failure(
      sender({ account: { ...account, projectId: "other" } }).send(MESSAGE),
      secrets,
    );
    expect(error).toMatchObject({ outcome: "misconfigured", status: 404 });
  });
});

describe("faults: no message is sent twice, whatever the guard's own number of repeats", () => {
  const faults = everyFault("unknown").filter(({ name }) => name !== "401");
  test.each(faults)("$name", async ({ behaviour, expected }) => {
    stubs.script("fcm", { match: "messages:send", ...behaviour, times: 5 });
    const error = await failure(sender().send(MESSAGE), secrets);
    expect(error).toMatchObject(expected);
    expect(sent().length).toBeLessThanOrEqual(1);
  });

  test("nobody listens: certainly not sent", async () => {
    const error = await failure(sender({ baseUrl: await nobody() }).send(MESSAGE), secrets);
    expect(error.outcome).toBe("retryable");
  });
});

test("a key file that cannot be used is named without its secrets", () => {
  const file = JSON.parse(stubs.fcm.serviceAccount);
  expect(() => parseServiceAccount("nonsense")).toThrow("The service account is not JSON.");
  expect(() => parseServiceAccount(JSON.stringify({ ...file, private_key: "secret" }))).toThrow(
    "The service account lacks usable fields: private_key.",
  );
  expect(parseServiceAccount(JSON.stringify({ ...file, token_uri: undefined })).tokenUri).toBe(
    "https://oauth2.googleapis.com/token",
  );
});
