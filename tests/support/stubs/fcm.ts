import { exportPKCS8, generateKeyPair, jwtVerify } from "jose";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

export const STUB_FCM = { projectId: "facet-stub", clientEmail: "push@facet-stub.test" };

/** Devices that the stub treats in a special way; all others get their messages. */
export const FCM_DEVICES = {
  gone: "device-gone",
  malformed: "device-malformed",
  ofOthers: "device-of-others",
};

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const STATUSES: Record<number, [status: string, errorCode?: string]> = {
  400: ["INVALID_ARGUMENT"],
  401: ["UNAUTHENTICATED"],
  403: ["PERMISSION_DENIED"],
  404: ["NOT_FOUND"],
  429: ["RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"],
  500: ["INTERNAL", "INTERNAL"],
  503: ["UNAVAILABLE", "UNAVAILABLE"],
};

/** An error as FCM tells it. @param code What `FcmError` says, if there is one. */
export function fcmError(status: number, code?: string, details: object[] = []): StubAnswer {
  const [name = "UNKNOWN", usual] = STATUSES[status] ?? [];
  const errorCode = code ?? usual;
  const all = [...(errorCode ? [{ "@type": FCM_ERROR, errorCode }] : []), ...details];
  return {
    status,
    body: { error: { code: status, message: `Stubbed ${status}`, status: name, details: all } },
  };
}

export interface FcmStub {
  readonly stub: Stub;
  /** The key file of the service account, for a stub below this URL. */
  serviceAccount(url: string): string;
  /** Makes every access token that was given out worthless. */
  revokeAccess(): void;
}

/** FCM's `messages:send` and the token endpoint of its service accounts, which checks the JWT. */
export async function fcmStub(): Promise<FcmStub> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const pem = await exportPKCS8(privateKey);
  const granted = new Set<string>();
  let count = 0;

  const token = async ({ text, origin }: StubRequest): Promise<StubAnswer> => {
    const form = new URLSearchParams(text);
    try {
      const { payload, protectedHeader } = await jwtVerify(form.get("assertion") ?? "", publicKey, {
        algorithms: ["RS256"],
        issuer: STUB_FCM.clientEmail,
        audience: `${origin}/fcm/token`,
      });
      const lifeSeconds = (payload.exp ?? Infinity) - (payload.iat ?? 0);
      const right = payload["scope"] === SCOPE && lifeSeconds <= 3_600 && protectedHeader.kid;
      if (!right || form.get("grant_type") !== GRANT) throw new Error("not like this");
    } catch {
      return {
        status: 400,
        body: { error: "invalid_grant", error_description: "Invalid JWT Signature." },
      };
    }
    const access_token = `ya29.fcm-${(count += 1)}`;
    granted.add(access_token);
    return { status: 200, body: { access_token, expires_in: 3_599, token_type: "Bearer" } };
  };

  const send = ({ headers, json }: StubRequest): StubAnswer => {
    if (!granted.has(headers["authorization"]?.slice("Bearer ".length) ?? "")) return fcmError(401);
    const { message } = (json ?? {}) as { message?: Record<string, any> };
    if (!message || !isWellFormed(message)) return payloadFault("message.data");
    if (message["token"] === FCM_DEVICES.gone) return fcmError(404, "UNREGISTERED");
    if (message["token"] === FCM_DEVICES.ofOthers) return fcmError(403, "SENDER_ID_MISMATCH");
    if (message["token"] === FCM_DEVICES.malformed) return fcmError(400, "INVALID_ARGUMENT");
    count += 1;
    return { status: 200, body: { name: `projects/${STUB_FCM.projectId}/messages/0:${count}` } };
  };

  const stub: Stub = {
    provider: "fcm",
    handle(request) {
      const { method, path } = request;
      if (method === "POST" && path === "/token") return token(request);
      const messages = `/v1/projects/${STUB_FCM.projectId}/messages:send`;
      return method === "POST" && path === messages ? send(request) : fcmError(404);
    },
    error: (status) => fcmError(status),
  };
  return {
    stub,
    serviceAccount: (url) =>
      JSON.stringify({
        type: "service_account",
        project_id: STUB_FCM.projectId,
        client_email: STUB_FCM.clientEmail,
        private_key: pem,
        private_key_id: "stub-key-1",
        token_uri: `${url}/fcm/token`,
      }),
    revokeAccess: () => {
      granted.clear();
    },
  };
}

/** The refusal of a message for what is in it, rather than for its device. */
export const payloadFault = (field: string): StubAnswer =>
  fcmError(400, "INVALID_ARGUMENT", [
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: [{ field, description: "Invalid value" }],
    },
  ]);

function isWellFormed(message: Record<string, any>): boolean {
  const data = Object.entries((message["data"] ?? {}) as Record<string, unknown>);
  const usable = ([name, value]: [string, unknown]) =>
    typeof value === "string" && !/^(from$|gcm|google)/.test(name);
  const bytes = Buffer.byteLength(JSON.stringify(message));
  return typeof message["token"] === "string" && data.every(usable) && bytes <= 4_096;
}
